import { useEffect, useState } from 'react'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { usePreferences } from '../preferences/preferences.tsx'
import { formatNumber } from '../ui/figures.ts'
import { useMedia, useWidth } from '../ui/use-size.ts'
import type { Bucket } from './buckets.ts'
import { formatInstant } from './format.ts'
import type { Range } from './range.ts'
import { rangeBetween } from './range.ts'
import { formatTicks } from './ticks.ts'
import './histogram.css'

const height = 92
const barPaths = UPlot.paths.bars?.({ size: [0.86, 40], align: 1, radius: 0.08 })

interface HistogramProps {
  readonly buckets: readonly Bucket[]
  readonly complete: boolean
  readonly onRange: (range: Range) => void
}

/** Counts over time, what failed or was denied in another colour; dragging over it narrows the time. */
export function Histogram({ buckets, complete, onRange }: HistogramProps) {
  const [holder, setHolder] = useState<HTMLDivElement | null>(null)
  const width = useWidth(holder)
  const { palette, timeStyle } = usePreferences()
  const dark = useMedia('(prefers-color-scheme: dark)')
  const utc = timeStyle === 'utc'
  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are read anew with the theme
  useEffect(() => {
    if (holder === null || buckets.length === 0 || width === 0) return
    const plot = draw(holder, { buckets, width, utc, onRange })
    return () => plot.destroy()
  }, [holder, buckets, width, utc, palette, dark, onRange])
  const total = buckets.reduce((sum, { count }) => sum + count, 0)
  const refused = buckets.reduce((sum, bucket) => sum + bucket.refused, 0)
  return (
    <figure className="histogram">
      <figcaption>
        <strong>
          {complete ? '' : 'at least '}
          {formatNumber(total)}
        </strong>{' '}
        {total === 1 ? 'event' : 'events'}
        {refused === 0 ? null : (
          <span className="histogram-refused">
            <span className="dot failure" aria-hidden="true" /> {formatNumber(refused)} failed or
            denied
          </span>
        )}
        <span className="histogram-hint">drag to narrow the time</span>
      </figcaption>
      <div
        className="histogram-plot"
        ref={setHolder}
        role="img"
        aria-label={describe(buckets, utc)}
      />
    </figure>
  )
}

function describe(buckets: readonly Bucket[], utc: boolean): string {
  const most = buckets.reduce<Bucket | undefined>(
    (best, bucket) => (best === undefined || bucket.count > best.count ? bucket : best),
    undefined,
  )
  if (most === undefined) return 'No events'
  const at = formatInstant(most.start, { utc })
  return `Events over time, in ${buckets.length} steps; most, ${most.count}, from ${at}`
}

function draw(
  element: HTMLElement,
  options: Omit<HistogramProps, 'complete'> & { readonly width: number; readonly utc: boolean },
): UPlot {
  const { buckets, width, utc, onRange } = options
  const style = getComputedStyle(element)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const bars = (fill: string) => ({
    fill,
    stroke: fill,
    width: 0,
    points: { show: false },
    ...(barPaths === undefined ? {} : { paths: barPaths }),
  })
  const axis = {
    stroke: colour('--text-2'),
    font: '11px system-ui, sans-serif',
    ticks: { show: false },
  }
  const first = buckets[0]?.start ?? 0
  const last = buckets.at(-1)?.end ?? 0
  const times = [...buckets.map(({ start }) => start / 1_000), last / 1_000]
  return new UPlot(
    {
      width,
      height,
      padding: [6, 2, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { setScale: false, x: true, y: false } },
      tzDate: utc
        ? (ts) => UPlot.tzDate(new Date(ts * 1_000), 'UTC')
        : (ts) => new Date(ts * 1_000),
      scales: {
        x: { time: true, range: [first / 1_000, last / 1_000] },
        y: { range: (_plot, _min, max) => [0, Math.max(1, max)] },
      },
      series: [{}, bars(colour('--bar')), bars(colour('--bar-refused'))],
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: 22,
          gap: 4,
          space: 84,
          values: (_plot, splits, _axis, _space, step) =>
            formatTicks(splits, {
              utc,
              step,
              from: first / 1_000,
              to: last / 1_000,
              width: width - 42,
            }),
        },
        {
          ...axis,
          grid: { stroke: colour('--line'), width: 1 },
          size: 40,
          gap: 4,
          splits: (_plot, _axis, _min, max) => [0, max / 2, max],
          values: (_plot, splits) => splits.map((at) => (Number.isInteger(at) ? shorten(at) : '')),
        },
      ],
      hooks: {
        setSelect: [
          (plot) => {
            const { left, width: wide } = plot.select
            if (wide < 4) return
            const at = (x: number) => plot.posToVal(x, 'x') * 1_000
            onRange(rangeBetween(at(left), at(left + wide)))
          },
        ],
      },
    },
    [
      times,
      [...buckets.map(({ count }) => count), null],
      [...buckets.map(({ refused }) => refused || null), null],
    ],
    element,
  )
}

const shorten = (count: number): string =>
  count.toLocaleString('en', { notation: 'compact', maximumFractionDigits: 1 })
