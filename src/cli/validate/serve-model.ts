import { Worker } from 'node:worker_threads'
import type { OpenModel, OpenModelOptions } from '../../model/model-kind.js'
import { ModelHost } from '../../validate/model-host.js'
import type { ModelProcessSetup, ProcessAnswer, ProcessQuestion } from './model-process.js'
import { endTree } from './process-tree.js'

/**
 * Makes this process the one of a model under test: it opens the model at the first question, answers one question
 * after the other, and ends with the program that asks, as does all that it started.
 */
export function serveModel(open: (name: string, options: OpenModelOptions) => Promise<OpenModel>): void {
  process.on('disconnect', () => endTree(process.pid))
  // It sees that even while a call of the model blocks this thread; until it is there, messages wait.
  const watch = new Worker(new URL('./watch-parent.js', import.meta.url))
  watch.once('message', () => {
    watch.unref()
    answerMessages(open)
  })
}

function answerMessages(open: (name: string, options: OpenModelOptions) => Promise<OpenModel>): void {
  let host: ModelHost | undefined
  process.on('message', async (message: ModelProcessSetup | ProcessQuestion) => {
    if ('name' in message) {
      const { name, options } = message
      host = new ModelHost(
        () => open(name, options),
        () => performance.now(),
      )
      return
    }
    const outcome = await host!.ask(message.kind, message.question)
    // maxRSS is in KiB on every system that Node runs on.
    const peakBytes = process.resourceUsage().maxRSS * 1024
    process.send?.({ id: message.id, outcome, peakBytes } satisfies ProcessAnswer)
  })
}
