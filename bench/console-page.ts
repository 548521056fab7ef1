import type { Page } from 'playwright-core'
import { median } from './appends.ts'
import type { Row } from './report.ts'

const timesEach = 9

/** Kinds of queries, each with another text every time: none is answered from the page's memory. */
const queries: readonly (readonly [string, (n: number) => string])[] = [
  ['one actor', (n) => `actor.id:maria.lindqvist-${n}`],
  ['one target', (n) => `targets.id:Deployer-${n}`],
  ['two words', (n) => `tomas okafor ${n + 10}`],
  ['an action and an outcome', (n) => `action:iam.* outcome:denied -actor.id:lena.fischer-${n}`],
  ['what most events have', (n) => `source:aws.cloudtrail -actor.id:lena.fischer-${n}`],
]

/** In the page: notes when a key goes down, before the page itself hears of it. */
const watchKeys = `addEventListener('keydown', () => { window.keyDownAt = performance.now() }, true)`

const waitMsMax = 30_000

/** Milliseconds from the last key to the frame in which `condition` holds. */
const untilShown = (condition: string) => `new Promise((resolve, reject) => {
  const look = () => {
    if (performance.now() - window.keyDownAt > ${waitMsMax}) {
      return reject(new Error(${JSON.stringify(`Not within ${waitMsMax} ms: ${condition}`)}))
    }
    if (${condition}) requestAnimationFrame(() => resolve(performance.now() - window.keyDownAt))
    else requestAnimationFrame(look)
  }
  look()
})`

/** What a person waits for, with a log of so many entries behind the page. */
export async function measurePage(page: Page, entries: number): Promise<Row[]> {
  await page.evaluate(watchKeys)
  const rows: Row[] = []
  const size = `${entries.toLocaleString('en')} entries`
  const add = (what: string, times: readonly number[], goal?: string) =>
    rows.push({ what, value: sayTimes(times), ...(goal === undefined ? {} : { goal }) })
  for (const [kind, write] of queries) {
    const times: number[] = []
    for (let n = 0; n < timesEach; n++) times.push(await measureQuery(page, write(n)))
    add(`Enter to rows, ${size}: ${kind}`, times, '≤ 300 ms')
  }
  for (const field of ['action', 'actor.id', 'targets.id']) {
    add(`a letter to completions: \`${field}:\``, await measureCompletions(page, field))
  }
  await measureQuery(page, '')
  const frames = await page.evaluate<number[]>(scrollDown)
  add('a frame while scrolling', frames, '≤ 33 ms')
  add('Page Down to its row, as the list grows', await measurePaging(page))
  rows.push({ what: 'rows in the page meanwhile', value: `${await page.locator('.row').count()}` })
  return rows
}

function sayTimes(times: readonly number[]): string {
  const sorted = [...times].sort((one, other) => one - other)
  const p95 = sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN
  return `${median(sorted).toFixed(1)} ms, p95 ${p95.toFixed(1)} ms`
}

/** Another search has another grid; what came of it is there when that is not busy. */
async function measureQuery(page: Page, query: string): Promise<number> {
  const search = page.getByRole('searchbox')
  await search.fill(query)
  await page.evaluate(`window.formerGrid = document.querySelector('[role=grid]')`)
  await search.press('Enter')
  return page.evaluate<number>(
    untilShown(`(() => {
      const grid = document.querySelector('[role=grid]')
      const isSame = grid === window.formerGrid
      return !isSame && (grid === null || grid.getAttribute('aria-busy') === 'false')
    })()`),
  )
}

async function measureCompletions(page: Page, field: string): Promise<readonly number[]> {
  const search = page.getByRole('searchbox')
  const times: number[] = []
  const options = page.locator('[role=option] .menu-text')
  for (let n = 0; n < 5; n++) {
    await search.fill('')
    await search.pressSequentially(`${field}:`)
    await page
      .locator('[role=option] .menu-note', { hasText: /^[1-9]/ })
      .first()
      .waitFor()
    const texts = await options.allInnerTexts()
    const letter = texts[n % texts.length]?.charAt(0) ?? ''
    await page.keyboard.press(letter)
    times.push(
      await page.evaluate<number>(
        untilShown(`(() => {
          const texts = [...document.querySelectorAll('[role=option] .menu-text')]
          return texts.length > 0 && texts.every(({ innerText }) => innerText.startsWith('${letter}'))
        })()`),
      ),
    )
  }
  return times
}

/** Three seconds of a quick hand: milliseconds of each frame. */
const scrollDown = `new Promise((resolve) => {
  const list = document.querySelector('.grid-scroll')
  const frames = []
  let before = performance.now()
  const end = before + 3000
  const step = (now) => {
    frames.push(now - before)
    before = now
    list.scrollBy(0, 300)
    if (now < end) requestAnimationFrame(step)
    else resolve(frames.slice(1))
  }
  requestAnimationFrame(step)
})`

const pagings = 120

async function measurePaging(page: Page): Promise<readonly number[]> {
  await page.locator('.row').first().focus()
  await page.keyboard.press('Home')
  const times: number[] = []
  for (let n = 0; n < pagings; n++) {
    const before = await page.evaluate(`document.activeElement.getAttribute('aria-rowindex')`)
    await page.keyboard.press('PageDown')
    times.push(
      await page.evaluate<number>(
        untilShown(
          `document.activeElement.getAttribute('aria-rowindex') !== ${JSON.stringify(before)}`,
        ),
      ),
    )
  }
  return times
}
