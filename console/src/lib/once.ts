/** A form that was sent is not sent again before the answer is there: a second click, or Enter held down, would make a second thing. */
export function once(send: (event: SubmitEvent) => Promise<unknown>): (event: SubmitEvent) => Promise<void> {
  let busy = false
  return async (event) => {
    event.preventDefault()
    if (busy) return
    const form = event.currentTarget as HTMLFormElement
    busy = true
    form.setAttribute('aria-busy', 'true')
    try {
      await send(event)
    } finally {
      busy = false
      form.removeAttribute('aria-busy')
    }
  }
}
