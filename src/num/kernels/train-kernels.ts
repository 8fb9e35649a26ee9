/**
 * Exports of assembly/train.ts, where each is described. Addresses are bytes into the memory; h is a multiple
 * of 16 and c a multiple of 4.
 */
export interface TrainKernels {
  seedDropout(a: number, b: number, c: number, d: number): void
  columnMoments(z: number, rows: number, h: number, mean: number, variance: number, scratch: number): void
  batchNormScales(
    rows: number,
    h: number,
    gamma: number,
    beta: number,
    bias: number,
    mean: number,
    variance: number,
    runningMean: number,
    runningVariance: number,
    reciprocal: number,
    scale: number,
    shift: number,
  ): void
  batchNormEvalScales(
    h: number,
    gamma: number,
    beta: number,
    bias: number,
    runningMean: number,
    runningVariance: number,
    scale: number,
    shift: number,
  ): void
  scaleShiftActivate(
    z: number,
    rows: number,
    h: number,
    scale: number,
    shift: number,
    keep: number,
    factor: number,
    relu: number,
    out: number,
  ): void
  batchNormBackwardSums(
    d: number,
    z: number,
    active: number,
    rows: number,
    h: number,
    mean: number,
    reciprocal: number,
    factor: number,
    dBeta: number,
    dGamma: number,
    scratch: number,
  ): void
  batchNormBackwardInput(
    d: number,
    z: number,
    rows: number,
    h: number,
    gamma: number,
    mean: number,
    reciprocal: number,
    dBeta: number,
    dGamma: number,
    dBias: number,
    keepRows: number,
    dzT: number,
    ldT: number,
    coefficients: number,
  ): void
  activationBackward(
    d: number,
    active: number,
    rows: number,
    h: number,
    factor: number,
    dBias: number,
    dT: number,
    ldT: number,
  ): void
  adam(
    p: number,
    g: number,
    m: number,
    v: number,
    n: number,
    beta1: number,
    beta2: number,
    c1: number,
    c2: number,
    step: number,
    inverseRootCorrection: number,
    eps: number,
  ): void
  softmax(o: number, bias: number, classIndex: number, rows: number, c: number): number
  sigmoid(o: number, bias: number, hot: number, rows: number, c: number): number
  outputGradient(
    o: number,
    classIndex: number,
    hot: number,
    rows: number,
    c: number,
    scale: number,
    dBias: number,
    oT: number,
    ldT: number,
  ): void
}
