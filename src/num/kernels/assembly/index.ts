// All kernels of the package in one WebAssembly module. They own no memory: the caller imports one and
// passes byte addresses; nothing is allocated here.
export * from './gemm'
export * from './resample'
export * from './spectrum'
export * from './train'
