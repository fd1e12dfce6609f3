// CardWatch: what a card's driver says around and between the tests of a benchmark, so that a
// figure taken at low clocks or beside another program can be told from one that counts.
//
// Owns the telemetry. The benchmark's thread.
#pragma once

#include <memory>
#include <optional>

#include "engine/api/benchmark.h"
#include "engine/device/device_telemetry.h"

namespace sotto {

class CardWatch {
public:
    // Null: there is no card, nothing is read. Reads once: nothing of this program runs yet.
    explicit CardWatch(std::unique_ptr<DeviceTelemetry> telemetry);

    // Right behind a timed run, while the clocks are still those of the run. `ownBytes`: what this
    // program has on the card.
    void readAfterRun(std::uint64_t ownBytes);

    // Nothing without a card.
    const std::optional<CardReadings>& readings() const { return m_readings; }

private:
    std::unique_ptr<DeviceTelemetry> m_telemetry;
    std::optional<CardReadings> m_readings;
};

}  // namespace sotto
