export * from '@attune/rlhf'
