/**
 * Runs work in lanes, side by side: most of what a lane does is wait for a process or a disk.
 * @param options.hasMore asked before each piece of work, with its number, from 0
 */
export async function runSideBySide(options: {
  readonly lanes: number
  readonly hasMore: (n: number) => boolean
  readonly work: (n: number) => Promise<void>
}): Promise<void> {
  const { lanes, hasMore, work } = options
  let next = 0
  const runLane = async (): Promise<void> => {
    while (hasMore(next)) await work(next++)
  }
  await Promise.all(Array.from({ length: lanes }, runLane))
}
