"""Banks' formats: pure readers and writers, with no database behind them."""
