interface Soon {
  ask: () => void
  stop: () => void
}

/** Does the work a moment after it is asked for, once for all who ask until then, and again for who asks while it is under way:
    never twice at a time, however slow the line and however much happens. */
export function soon(work: () => Promise<unknown>, milliseconds = 1000): Soon {
  let timer = 0
  let busy = false
  let wanted = false
  let stopped = false

  function ask(): void {
    wanted = true
    if (!timer && !busy && !stopped) timer = window.setTimeout(() => void run(), milliseconds)
  }

  async function run(): Promise<void> {
    timer = 0
    wanted = false
    busy = true
    try {
      await work()
    } finally {
      busy = false
      if (wanted) ask()
    }
  }

  function stop(): void {
    stopped = true
    clearTimeout(timer)
  }
  return { ask, stop }
}
