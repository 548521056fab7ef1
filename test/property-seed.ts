import fc from 'fast-check'

// Set up only where there is a seed: properties try the cases that they tried with it before.
fc.configureGlobal({ seed: Number(process.env.INDELIBLE_TEST_SEED) })
