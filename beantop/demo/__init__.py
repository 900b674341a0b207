"""A beanstalkd in this process, and a workload for it."""
