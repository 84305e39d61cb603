"""Run the whole system on one machine, with nothing to install: broker, simulator, worker, Flower."""
