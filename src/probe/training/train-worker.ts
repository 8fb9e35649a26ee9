import { parentPort, workerData } from 'node:worker_threads'
import { HearError } from '../../base/errors.js'
import type { KernelMemory } from '../../num/memory.js'
import type { ProbeTask } from './split-data.js'
import type { PoolJob, PoolMessage, WorkerSetup } from './train-pool.js'
import { netFor, predictSplit, splitsNamed, TrainingCancelled, trainProbe } from './train-probe.js'

// One thread of the training pool: takes a job, runs it to the end, answers, waits for the next.

const port = parentPort
if (port === null) throw new Error('train-worker runs only as a worker thread')
const { task, cancelFlag, activeJobs, cores } = workerData as WorkerSetup
/** A training may use the cores that no other training needs. */
const threads = () => Math.max(1, Math.floor(cores / Math.max(1, Atomics.load(activeJobs, 0))))
const post = (message: PoolMessage, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer)
let memory: KernelMemory | undefined

port.on('message', (job: PoolJob) => {
  try {
    post(...runJob(task, job))
  } catch (error) {
    if (error instanceof TrainingCancelled) post({ id: job.id, kind: 'cancelled' })
    else if (error instanceof HearError)
      post({
        id: job.id,
        kind: 'refused',
        code: error.code,
        message: error.message,
        hint: error.hint,
      })
    else throw error
  }
})

function runJob(task: ProbeTask, job: PoolJob): [PoolMessage, ArrayBuffer[]] {
  if (job.kind === 'train') {
    const hooks = {
      cancelled: () => Atomics.load(cancelFlag, 0) !== 0,
      onEpoch: (epochsRun: number) => post({ id: job.id, kind: 'epoch', epochsRun }),
    }
    const trained = trainProbe(task, job.request, hooks, { threads, reuse: memory })
    memory = trained.memory
    const { snapshot, prediction } = trained.outcome
    const large = [snapshot?.parameters, snapshot?.running, prediction?.probabilities]
    return [
      { id: job.id, kind: 'trained', outcome: trained.outcome },
      large.flatMap((array) => (array === undefined ? [] : [array.buffer as ArrayBuffer])),
    ]
  }
  const { point, gemm, snapshot } = job.request
  const [split] = splitsNamed(task, [job.request.split])
  const maxRows = Math.min(split.rows, point.batchSize)
  const net = netFor(task, split.inputSize, point, maxRows, { gemm, threads, reuse: memory })
  memory = net.memory
  net.restore(snapshot)
  const probabilities = new Float32Array(split.rows * task.labels.length)
  const loss = predictSplit(net, split, point.batchSize, probabilities)
  return [{ id: job.id, kind: 'predicted', loss, probabilities }, [probabilities.buffer]]
}
