export * from '@attune/feedback'
