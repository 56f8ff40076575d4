// The table of very many candidates: opened, scrolled from top to bottom by jumps, filtered. Prints, as JSON, how long each request
// took as the browser saw it, and how much memory the page came to.
import { readFileSync } from 'node:fs'
import { check, flow, login } from './browser.mjs'

const [, , , , count, username, password] = process.argv
const JUMPS = 40

await flow(async ({ page, context, browser, base }) => {
  const devtools = await context.newCDPSession(page)
  const whole = await browser.newBrowserCDPSession()
  await devtools.send('Performance.enable')
  const memory = { heap: 0, renderer: 0 }
  const weigh = async () => {
    const { metrics } = await devtools.send('Performance.getMetrics')
    memory.heap = Math.max(memory.heap, metrics.find((m) => m.name === 'JSHeapUsedSize').value)
    const { processInfo } = await whole.send('SystemInfo.getProcessInfo')
    for (const { id } of processInfo.filter((p) => p.type === 'renderer')) {
      const kilobytes = Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))[1])
      memory.renderer = Math.max(memory.renderer, kilobytes * 1024)
    }
  }
  const requests = {}
  /** Waits until nothing is on its way any more, and takes down what was asked since the last time. */
  const collect = async (step) => {
    await page.waitForFunction(() => !document.querySelector('[aria-busy=true]'))
    await weigh()
    requests[step] = await page.evaluate(() => {
      const list = performance.getEntriesByType('resource').filter((e) => e.name.includes('/api/v1/candidates')).map((e) => [e.duration, e.name])
      performance.clearResourceTimings()
      return list
    })
    check(requests[step].length > 0, `${step}: nothing was asked`)
  }
  await page.addInitScript(() => performance.setResourceTimingBufferSize(10000))
  await login(page, username, password)
  const row = (n) => page.locator(`.line[aria-rowindex="${n + 2}"] a`)
  await row(0).waitFor()
  await collect('open')

  const box = page.getByRole('table', { name: 'Candidates' })
  const to = (fraction) => box.evaluate((e, f) => e.scrollTo(0, f * (e.scrollHeight - e.clientHeight)), fraction)
  for (let i = 1; i <= JUMPS; i++) {
    await to(i / JUMPS)
    await page.waitForFunction(() => [...document.querySelectorAll('.line')].every((e) => e.querySelector('a')))
    await weigh()
  }
  // The number of all is known by and by: on to the very last.
  while (!(await page.locator(`[aria-rowcount="${Number(count) + 1}"]`).count()) || !(await row(count - 1).count())) {
    await to(1)
    await page.waitForFunction(() => [...document.querySelectorAll('.line')].every((e) => e.querySelector('a')))
  }
  await collect('scroll')
  await to(0)
  await row(0).waitFor()
  await collect('top')

  const search = page.getByRole('searchbox', { name: 'Search' }), skills = page.getByLabel('Skills'), status = page.getByLabel('Status')
  const filtered = async (step, act, undo) => {
    const asked = page.waitForResponse((r) => /candidates\/(search)?\?/.test(r.url()))
    await act()
    await asked
    await collect(step)
    const back = page.waitForResponse((r) => /candidates\/(search)?\?/.test(r.url()))
    await undo()
    await back
  }
  for (const value of ['failed', 'completed'])
    await filtered(`status ${value}`, () => status.selectOption(value), () => status.selectOption(''))
  for (const value of ['Python', 'Python, Docker', 'Zymurgy', 'Skill399'])
    await filtered(`skills ${value}`, () => skills.fill(value), () => skills.fill(''))
  for (const value of ['word1', 'word40 word7', 'word19000', 'brenson'])
    await filtered(`words ${value}`, () => search.fill(value), () => search.fill(''))
  console.log(JSON.stringify({ requests, memory }))
})
