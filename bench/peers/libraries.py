from common import report

report()
