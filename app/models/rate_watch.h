// RateWatch: what this computer's kernels were measured to read per second, of each tensor type
// that forecasts meet: remembered from earlier, and measured where it is not, while nothing is
// written or loaded.
//
// One type at a time, half a second each, so that a question or a load interrupts little; an
// interrupted one is measured again at the next quiet moment. Figures are kept per device, driver
// and version of the program, and sotto-cli has the same.
// Borrows its parts. Reads, measures and writes on workers. GUI thread only.
#pragma once

#include <QObject>
#include <QTimer>
#include <filesystem>
#include <functional>
#include <set>

#include "app/bridge/engine_bridge.h"
#include "app/core/job_runner.h"
#include "app/core/model_forecast.h"
#include "app/models/machine.h"

namespace sotto::app {

class RateWatch : public QObject {
    Q_OBJECT

public:
    struct Parts {
        EngineBridge& engine;
        JobRunner& jobs;
        const MachineProbe& probe;
        std::filesystem::path cache;  // the folder; empty: nothing is remembered or measured
    };
    explicit RateWatch(Parts parts, QObject* parent = nullptr);
    ~RateWatch() override;

    // That models are planned for; what is remembered of them is read.
    void setDevices(const ChosenDevices& devices, int nThreads);
    // As they were measured since the start, GB/s; 0: not yet. A device is measured once its
    // bandwidth is known.
    void setBandwidths(double processor, double card);
    // Forecasts meet these types of matrices, on these devices.
    void want(const ModelInfo& planned);
    // A load is under way: what is being measured is thrown away, and nothing is begun.
    void setLoading(bool isLoading);
    // The same for another user of the engine, whose own figures are being measured.
    void setHeld(bool isHeld);

    // What was interrupted may still hold the memory of its random model: `then` is called once it
    // has ended, at once where nothing is being measured. The newest one counts.
    bool isQuiet() const { return m_nRunning == 0; }
    void whenQuiet(std::function<void()> then);

    // All of it at the bandwidths of now.
    KnownRates now() const;

signals:
    void changed();

private:
    struct Device {
        std::string name;  // as in DeviceInfo
        RateKey key;
        MachineRates remembered;
        double readGbS = 0;  // measured since the start
        std::set<DType> wanted;
        std::set<DType> failed;  // not tried again before the next start

        bool isMissing(DType type) const;
        std::optional<DType> missing() const;
    };

    void read();
    void consider();
    void startIfIdle(Device& device, DType type);
    void start(Device& device, DType type);
    void take(const RateKey& key, DType type, Result<MachineRates> rates);
    void keep(const RateKey& key, const MachineRates& rates);
    void interrupt();
    void noteEnd();
    Device* deviceOf(const RateKey& key);

    Parts m_parts;
    ChosenDevices m_devices;
    int m_nThreads = 0;
    Device m_processor;
    Device m_card;  // without an id in its key: none is chosen
    bool m_isRead = false;
    bool m_isLoading = false, m_isHeld = false;
    int m_nOpen = 0;  // answers
    JobId m_reading = 0;
    int m_nReads = 0;  // the newest one counts
    QTimer m_later;    // looks again where another user of the engine generates
    JobId m_measuring = 0;
    int m_nStarted = 0;  // measurements; the newest one counts
    int m_nRunning = 0;  // of them, with those that were interrupted and have not ended
    std::function<void()> m_then;
};

}  // namespace sotto::app
