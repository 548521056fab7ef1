import type { SeenCheckpoint } from '../../proof/pins.ts'
import { formatCount, formatEntries } from '../../ui/figures.ts'
import { Instant } from '../../ui/instant.tsx'

const width = 320
const height = 56
const margin = 4

/** How a log grew, as far as this browser saw it: each step a checkpoint that it verified. */
export function Growth({ history }: { readonly history: readonly SeenCheckpoint[] }) {
  const [first, last] = [history[0], history.at(-1)]
  if (first === undefined || last === undefined) {
    return <p className="faint">None yet.</p>
  }
  return (
    <div className="growth">
      {history.length < 2 ? null : (
        <svg
          className="growth-plot"
          viewBox={`0 0 ${width} ${height}`}
          role="img"
          aria-label={`From ${first.size} to ${last.size} entries in ${history.length} checkpoints`}
        >
          <polyline points={drawSteps(history)} />
        </svg>
      )}
      <details>
        <summary>
          {formatCount(history.length, 'checkpoint')}, the first <Instant time={first.at} />
        </summary>
        <ol className="growth-list">
          {history.toReversed().map(({ size, root, at }) => (
            <li key={`${size} ${at}`}>
              <Instant time={at} />
              <span className="growth-size">{formatEntries(size)}</span>
              <span className="mono">{root}</span>
            </li>
          ))}
        </ol>
      </details>
    </div>
  )
}

/** A checkpoint holds until the next one, the last until now: a stair, from its least to its most. */
function drawSteps(history: readonly SeenCheckpoint[]): string {
  const times = history.map(({ at }) => Date.parse(at))
  const [from, to] = [Math.min(...times), Math.max(...times, Date.now())]
  const sizes = history.map(({ size }) => size)
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)]
  const place = (value: number, low: number, high: number, room: number) =>
    margin + ((value - low) / Math.max(1, high - low)) * (room - 2 * margin)
  let y = height - margin
  const steps = history.flatMap(({ size }, n) => {
    const x = place(times[n] ?? from, from, to, width).toFixed(1)
    const before = y
    y = height - place(size, least, most, height)
    return [`${x},${before.toFixed(1)}`, `${x},${y.toFixed(1)}`]
  })
  return [...steps, `${width - margin},${y.toFixed(1)}`].join(' ')
}
