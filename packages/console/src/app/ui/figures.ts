/** `1,234`: the interface is in English, and its numbers with it. */
export const formatNumber = (value: number): string => value.toLocaleString('en')

/** `1 entry`, `1,234 entries` */
export const formatCount = (count: number, one: string, many = `${one}s`): string =>
  `${formatNumber(count)} ${count === 1 ? one : many}`

export const formatEntries = (count: number): string => formatCount(count, 'entry', 'entries')

const units = ['bytes', 'KB', 'MB', 'GB', 'TB'] as const

/** `1.4 MB`; in thousands, as disks are sold. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_000
    unit++
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1
  return `${value.toLocaleString('en', { maximumFractionDigits: digits })} ${units[unit]}`
}
