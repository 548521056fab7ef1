/**
 * What one kind of work on the events of one request may still cost, so that no request holds up the
 * others. What one event may take of it is the limit of whoever spends it.
 */
export interface StepBudget {
  steps: number
}
