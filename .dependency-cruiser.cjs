// The rooms of src/ in levels: imports go from a higher level to a lower one only, and rooms of
// one level never see each other.
const LEVELS = [
  ['base'],
  ['num', 'store'],
  ['audio', 'metrics', 'tasks', 'model'],
  ['prepare', 'embed', 'probe', 'validate'],
  ['board'],
  ['cli'],
]

const directions = LEVELS.flatMap((rooms, level) =>
  rooms.map((room) => {
    const allowed = [room, ...LEVELS.slice(0, level).flat()].join('|')
    return {
      name: `${room}-looks-down-only`,
      comment: `src/${room} may import from itself and from lower rooms (${allowed}) only`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { path: '^src/', pathNot: `^src/(${allowed})/` },
    }
  }),
)

module.exports = {
  forbidden: [
    ...directions,
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'files-and-network-in-few-rooms',
      comment: 'only store, prepare, the model adapters and cli may touch files or the network',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/(store|prepare|model|cli)/', '\\.test\\.ts$'] },
      to: { dependencyTypes: ['core'], path: '^(node:)?(fs|fs/promises|http|https|net)$' },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^src/num/kernels/assembly/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js'], mainFields: ['types', 'main'] },
  },
}
