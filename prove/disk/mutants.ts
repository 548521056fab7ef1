import type { Mutant } from '../harness/stage.ts'

/** The page cache takes what could not be synced for clean: the second fsync succeeds, and lies. */
const retryAfterFailedSync: Mutant = {
  name: 'M5',
  does: 'tries again after a failed fsync',
  foundBy: 'io-errors',
  fault: /acknowledged after a failed sync|(is ready|goes on) after a failed sync/,
  edits: [
    {
      file: 'packages/server/src/threads/writer.ts',
      find: 'return await work()\n      } catch (error) {\n        throw classify(error)',
      replace:
        'return await work().catch(work)\n      } catch (error) {\n        throw classify(error)',
    },
  ],
}

export const diskMutants: readonly Mutant[] = [retryAfterFailedSync]
