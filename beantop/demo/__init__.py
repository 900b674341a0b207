"""A beanstalkd in this process, and a workload that gives it something to do."""
