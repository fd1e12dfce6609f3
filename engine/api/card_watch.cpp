#include "engine/api/card_watch.h"

#include <algorithm>

namespace sotto {

CardWatch::CardWatch(std::unique_ptr<DeviceTelemetry> telemetry)
    : m_telemetry(std::move(telemetry)) {
    if (m_telemetry == nullptr) return;
    m_readings.emplace();
    m_readings->before = m_telemetry->read(0);
}

void CardWatch::readAfterRun(std::uint64_t ownBytes) {
    if (!m_readings) return;
    const DeviceStats now = m_telemetry->read(ownBytes);
    CardReadings& all = *m_readings;
    // 0: the driver does not tell.
    if (now.smClockMhz > 0) {
        const bool isFirst = all.smClockLowMhz == 0;
        all.smClockLowMhz = isFirst ? now.smClockMhz : std::min(all.smClockLowMhz, now.smClockMhz);
        all.smClockHighMhz = std::max(all.smClockHighMhz, now.smClockMhz);
    }
    all.powerHighWatts = std::max(all.powerHighWatts, now.powerWatts);
    all.throttling |= now.throttling;
    all.after = now;
    ++all.nRuns;
}

}  // namespace sotto
