package dev.headrace.loadgen;

import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Log lines on standard error: one line each, whatever was thrown. */
final class OneLineLog extends Formatter {
  private OneLineLog() {}

  static void install() {
    for (Handler handler : Logger.getLogger("").getHandlers()) {
      handler.setFormatter(new OneLineLog());
    }
  }

  @Override
  public String format(LogRecord record) {
    StringBuilder line = new StringBuilder("headrace: ");
    line.append(record.getLevel().getName().toLowerCase(java.util.Locale.ROOT)).append(": ");
    line.append(Main.oneLine(formatMessage(record)));
    for (Throwable t = record.getThrown(); t != null; t = t.getCause()) {
      line.append(": ").append(Main.oneLine(t.toString()));
      if (t.getCause() == null && t.getStackTrace().length > 0) {
        line.append(" at ").append(t.getStackTrace()[0]);
      }
    }
    return line.append(System.lineSeparator()).toString();
  }
}
