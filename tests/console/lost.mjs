// The network goes away in the middle of work, and comes back: it is said, nothing is lost, what was missed is caught up with.
import { away, check, flow, login } from './browser.mjs'

const [, , , , documents, username, password] = process.argv

await flow(async ({ page, context, base }) => {
  const banner = page.getByText('The connection is lost')
  await login(page, username, password)
  await page.getByLabel('Choose files').setInputFiles(`${documents}/two-columns.pdf`)
  await page.getByRole('link', { name: 'Tobias Lindqvist' }).click()
  await page.getByRole('button', { name: 'Correct: Name' }).click()
  await page.getByLabel('Name').fill('Tobias L.')
  check(await banner.count() === 0, 'nothing is said while all is well')

  await context.setOffline(true)
  await banner.waitFor()
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('The server cannot be reached').waitFor()
  check(await page.getByLabel('Name').inputValue() === 'Tobias L.', 'what was typed is still there')
  await page.getByRole('button', { name: 'Close' }).click()
  // a page that was never opened before
  await page.getByRole('link', { name: 'Webhooks' }).click()
  await page.getByRole('alert').getByText('The server cannot be reached').waitFor()
  await context.setOffline(false)
  await banner.waitFor({ state: 'detached' })
  await page.getByText('No webhooks yet').waitFor()

  // Uploads wait; what others do meanwhile appears afterwards.
  await page.getByRole('link', { name: 'Candidates' }).click()
  await page.getByRole('link', { name: 'Tobias Lindqvist' }).waitFor()
  await context.setOffline(true)
  await banner.waitFor()
  await page.getByLabel('Choose files').setInputFiles(['plain.pdf', 'german.pdf'].map((name) => `${documents}/${name}`))
  for (const name of ['plain.pdf', 'german.pdf']) await page.locator('li', { hasText: name }).getByText('Waiting for the connection').waitFor()
  const other = (await (await fetch(`${base}/api/v1/auth/login`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ username, password })
  })).json()).access_token
  const corrected = await fetch(`${base}/api/v1/candidates/1`, {
    method: 'PATCH', headers: { Authorization: `Bearer ${other}`, 'Content-Type': 'application/json' }, body: JSON.stringify({ name: 'Somebody Else' })
  })
  check(corrected.ok, 'somebody else corrects the candidate')
  check(await page.getByRole('link', { name: 'Tobias Lindqvist' }).count() === 1, 'nothing is heard of that')
  await context.setOffline(false)
  await banner.waitFor({ state: 'detached' })
  await page.getByRole('link', { name: 'Somebody Else' }).waitFor()
  for (const name of ['plain.pdf', 'german.pdf']) await page.locator('li', { hasText: name }).getByText('Read', { exact: true }).waitFor()

  // And it is live again.
  await fetch(`${base}/api/v1/candidates/1`, {
    method: 'PATCH', headers: { Authorization: `Bearer ${other}`, 'Content-Type': 'application/json' }, body: JSON.stringify({ name: 'Tobias Again' })
  })
  await page.getByRole('link', { name: 'Tobias Again' }).waitFor()
}, {}, away)
