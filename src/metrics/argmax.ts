/**
 * The column of the largest value of every row of a row-major [rows, columns] matrix, as Int32Array [rows].
 * Ties go to the first; the first NaN counts as the maximum; -0 equals 0.
 *
 * Source: numpy 1.24 `argmax`, which heareval's accuracies call (heareval 8559649, score.py).
 */
export function rowArgmax(matrix: ArrayLike<number>, rows: number, columns: number): Int32Array {
  const best = new Int32Array(rows)
  for (let row = 0; row < rows; row++) {
    const start = row * columns
    let bestColumn = 0
    let bestValue = matrix[start]
    // A NaN is never overtaken: the loop stops at the first one.
    for (let column = 1; column < columns && !Number.isNaN(bestValue); column++) {
      const value = matrix[start + column]
      if (value > bestValue || Number.isNaN(value)) {
        bestColumn = column
        bestValue = value
      }
    }
    best[row] = bestColumn
  }
  return best
}
