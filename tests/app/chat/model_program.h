// The models' controller on scripted devices, dry runs and loads, for its tests.
#pragma once

#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "app/models/model_controller.h"
#include "app/settings/settings_controller.h"
#include "tests/fakes/fake_engine.h"

namespace sotto::app {

inline constexpr std::uint64_t kGib = std::uint64_t{1} << 30;

inline DeviceInfo processor() {
    DeviceInfo device;
    device.id = "cpu";
    device.name = "Some Processor";
    device.instructionSet = "avx2";
    device.nCores = 8;
    device.memoryTotal = 64 * kGib;
    device.memoryAvailable = 40 * kGib;
    return device;
}

inline DeviceInfo card(int index) {
    DeviceInfo device;
    device.id = "cuda:" + std::to_string(index);
    device.name = "Card " + std::to_string(index);
    device.instructionSet = "sm_89";
    device.nCores = 128;
    device.memoryTotal = 24 * kGib;
    device.memoryAvailable = 20 * kGib;
    device.specGbS = 1000;
    return device;
}

inline DeviceInfo unusable(int index) {
    DeviceInfo device = card(index);
    device.unusableReason = "The card is too old.";
    return device;
}

// A model of 40 layers of 1 GiB each, and none of anything else: its plan is plain to see.
inline Result<PlannedModel> planByLayers(const PlanSpace& space) {
    PlannedModel planned;
    ModelInfo& info = planned.info;
    info.name = "Forty layers";
    info.nLayers = 40;
    info.contextTokens = 4096;
    info.memory.weights = info.bytesPerToken = 40 * kGib;
    info.weightUse = {{DType::Q5_K, 40 * kGib, 1}};
    if (!space.cardBytes) return planned;
    info.nGpuLayers =
        static_cast<std::int64_t>(std::min(*space.cardBytes / kGib, std::uint64_t{40}));
    info.cardMemory.weights = static_cast<std::uint64_t>(info.nGpuLayers) * kGib;
    info.cardBytesPerToken = info.cardMemory.weights;
    info.deviceReason = info.nGpuLayers == 0 ? DeviceReason::CardTooSmall : DeviceReason::CardFull;
    planned.isShortened = true;
    return planned;
}

struct ModelProgram {
    explicit ModelProgram(std::vector<DeviceInfo> devices, const char* setting = "auto",
                          FakeScript script = {}, std::vector<storage::ModelRecord> rows = {},
                          const QString& cache = {})
        : storage(std::move(*storage::Storage::open(storage::StorageOptions::inMemory()))),
          storageBridge(*storage),
          settings(storageBridge, {}, std::move(rows)),
          engine(engineBridge.sink(), std::move(script)) {
        engineBridge.attach(&engine);
        settings.setDevice(QString::fromLatin1(setting));
        MachineProbe probe;
        probe.listDevices = [devices = std::move(devices)] { return devices; };
        probe.measureProcessor = [this](int, const std::atomic<bool>* isCancelled) {
            ++nMeasured;
            while (isMeasuringHeld && !*isCancelled) std::this_thread::yield();
            return BandwidthMeasurement{50, 0, 0};
        };
        probe.measureRates = [this](const EngineOptions& options, RateWish wish,
                                    const ProgressSink& progress) {
            return measureRates(options, std::move(wish), progress);
        };
        probe.planModel = [this](const LoadOptions& options,
                                 const PlanSpace& asked) -> Result<PlannedModel> {
            const std::lock_guard lock(mutex);
            spaces.push_back(asked);
            plannedFiles.append(QString::fromStdString(options.path));
            if (options.path == "/broken.gguf")
                return fail(ErrorCode::FileDamaged, "The file is cut off.");
            if (plan) return plan(options, asked);
            auto planned = planByLayers(asked);
            if (options.path == "/large.gguf")
                planned->shortage = Error{ErrorCode::OutOfMemory, "It is too large."};
            return planned;
        };
        machine = probe;
        probe.isThere = [](const std::string& path) { return path != "/gone.gguf"; };
        models = std::make_unique<ModelController>(
            engineBridge, storageBridge, settings, jobs,
            ModelController::Places{QStringLiteral("/demo.gguf"), folder.path(),
                                    cache.toStdString()},
            probe);
    }
    ~ModelProgram() {
        models.reset();
        engineBridge.attach(nullptr);
    }

    // Nine tenths of the bandwidth; Q6_K cannot be measured here.
    Result<MachineRates> measureRates(const EngineOptions& options, RateWish wish,
                                      const ProgressSink& progress) {
        {
            const std::lock_guard lock(mutex);
            for (const DType type : wish.types)
                measured.append(QString::fromStdString(options.device) + QLatin1Char(' ') +
                                QString::fromStdString(std::string(dtypeTraits(type).name)));
        }
        while (areRatesHeld && progress(0, 1)) std::this_thread::yield();
        while (areRatesEnding) std::this_thread::yield();
        if (!progress(0, 1)) return fail(ErrorCode::Cancelled, "Stopped.");
        if (wish.types.front() == DType::Q6_K) return fail(ErrorCode::OutOfMemory, "No room.");
        MachineRates rates = wish.known;
        rates.readGbS = wish.readGbS;
        rates.cacheGbS = wish.readGbS / 2;
        for (const DType type : wish.types) rates.types.push_back({type, 0.9 * wish.readGbS, 1});
        return rates;
    }
    QStringList measuredRates() {
        const std::lock_guard lock(mutex);
        return measured;
    }

    // As if they had been used before.
    void addToLibrary(const std::vector<std::string>& paths) {
        const auto stored = storage->call([&paths](storage::Database& database) -> Status {
            for (const std::string& path : paths) {
                storage::ModelRecord record;
                record.path = path;
                record.lastUsedAt = 1;
                if (auto saved = database.models().save(record); !saved) return saved;
            }
            return {};
        });
        QVERIFY(stored);
        models->refresh();
        QTRY_COMPARE(models->list()->rowCount(), int(paths.size()) + 1);
    }
    void forgetPlans() {
        const std::lock_guard lock(mutex);
        plannedFiles.clear();
    }
    // Files of the program's own folder, each once however often it was read.
    QStringList plansInFolder() {
        const std::lock_guard lock(mutex);
        QStringList files = plannedFiles.filter(folder.path());
        files.removeDuplicates();
        return files;
    }
    int nSettled() { return int(models->folderWatch().restless().settled.size()); }
    // Another look, until it has ended and what it learned is stored.
    void lookAgain() {
        models->refresh();
        for (int round = 0; round < 3; ++round) {
            bool isDone = false;
            storageBridge.submit(
                models.get(), [](storage::Database&) -> Status { return {}; },
                [&isDone](const Status&) { isDone = true; });
            QTRY_VERIFY(isDone);
            QTRY_VERIFY(jobs.jobs().empty());
            QCoreApplication::processEvents();
        }
    }
    PlanSpace lastSpace() {
        const std::lock_guard lock(mutex);
        return spaces.empty() ? PlanSpace{} : spaces.back();
    }
    QVariant data(ModelListModel::Role role) {
        ModelListModel& list = *models->list();
        return list.rowCount() == 0 ? QVariant() : list.data(list.index(0), role);
    }

    QTemporaryDir folder;  // the program's own for models
    std::unique_ptr<storage::Storage> storage;
    StorageBridge storageBridge;
    SettingsController settings;
    EngineBridge engineBridge;
    FakeEngine engine;
    std::mutex mutex;
    std::vector<PlanSpace> spaces;  // guarded by mutex
    QStringList plannedFiles;       // of every plan
    // In place of planByLayers(), guarded by mutex.
    std::function<Result<PlannedModel>(const LoadOptions&, const PlanSpace&)> plan;
    QStringList measured;                      // devices and types of rates, guarded by mutex
    std::atomic<bool> areRatesHeld = false;    // until they are interrupted
    std::atomic<bool> areRatesEnding = false;  // giving memory back takes a while
    std::atomic<int> nMeasured = 0;
    std::atomic<bool> isMeasuringHeld = false;
    JobRunner jobs;        // its work uses what stands above
    MachineProbe machine;  // what the models are asked of
    std::unique_ptr<ModelController> models;
};

}  // namespace sotto::app
