/** Edits between a typo and what was meant: a letter lost, doubled, changed, or two swapped. */
const editsMax = 2

/** The known name that `name` is most likely a misspelling of, if any is close. */
export function findClosest(name: string, known: readonly string[]): string | undefined {
  if (name.length > 32) return undefined
  let closest: string | undefined
  let fewest = editsMax + 1
  for (const candidate of known) {
    const edits = countEdits(name.toLowerCase(), candidate)
    if (edits < fewest && edits < candidate.length / 2) {
      fewest = edits
      closest = candidate
    }
  }
  return closest
}

/** Levenshtein's distance. */
function countEdits(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, position) => position)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const substitution = from.charAt(row - 1) === to.charAt(column - 1) ? 0 : 1
      current[column] = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + substitution,
      )
    }
    previous = current
  }
  return previous[to.length] ?? 0
}
