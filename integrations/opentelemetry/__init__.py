"""OpenTelemetry: where time went, told to a collector over OTLP/HTTP. Imported only where traces are asked for."""
