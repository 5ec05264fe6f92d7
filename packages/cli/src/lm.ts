export * from '@attune/lm'
