// Whoever goes to another page arrives there, though the table of candidates is about to write its filter into the address.
import { check, flow, login } from './browser.mjs'

const [, , , , , username, password] = process.argv

await flow(async ({ page, base }) => {
  await page.clock.install()
  await login(page, username, password)
  const start = async () => {
    await page.goto(`${base}/#/keys`)
    await page.getByRole('heading', { level: 1, name: 'API keys', exact: true }).waitFor()
  }
  const arrived = async () => {
    await page.getByRole('heading', { level: 1, name: 'Account', exact: true }).waitFor()
    await page.clock.fastForward(1000)
    check((await page.evaluate(() => location.hash)) === '#/account', 'the address is that of the page')
  }

  await start()
  await page.evaluate(() => {
    new MutationObserver((_, watch) => {
      if (!document.querySelector('input[type=search]')) return
      watch.disconnect()
      location.hash = '#/account'
    }).observe(document.body, { childList: true, subtree: true })
    location.hash = '#/'
  })
  await arrived()

  await start()
  await page.goto(`${base}/#/`)
  await page.getByText('No candidates yet').waitFor()
  await page.evaluate(() => {
    const words = document.querySelector('input[type=search]')
    words.value = 'go'
    words.dispatchEvent(new Event('input', { bubbles: true }))
    location.hash = '#/account'
  })
  await arrived()
})
