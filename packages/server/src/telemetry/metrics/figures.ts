import { Counter, Gauge, type Registry } from 'prom-client'

export type Read = () => number | Promise<number>

/** Registers metrics whose figures others keep: they are read when somebody asks. */
export function createFigures(registry: Registry, prefix = 'indelible') {
  const registers = [registry]
  return {
    gauge(name: string, help: string, read: Read): void {
      new Gauge({
        ...{ name: `${prefix}_${name}`, help, registers },
        async collect() {
          this.set(await read())
        },
      })
    },
    /** @param read a count that only grows while the process lives */
    counter(name: string, help: string, read: Read): void {
      new Counter({
        ...{ name: `${prefix}_${name}`, help, registers },
        async collect() {
          const count = await read()
          this.reset()
          this.inc(count)
        },
      })
    },
  }
}

export type Figures = ReturnType<typeof createFigures>
