/**
 * Runs work in lanes, side by side: most of what a lane does is wait for a process or a disk.
 * @param options.hasMore asked before each piece of work
 * @param options.work is told the number of the piece, from 0
 */
export async function runSideBySide(options: {
  readonly lanes: number
  readonly hasMore: () => boolean
  readonly work: (n: number) => Promise<void>
}): Promise<void> {
  const { lanes, hasMore, work } = options
  let next = 0
  const runLane = async (): Promise<void> => {
    while (hasMore()) await work(next++)
  }
  await Promise.all(Array.from({ length: lanes }, runLane))
}
