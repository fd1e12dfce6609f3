// PlannedModels: the model files of a test's computer and what the dry run says of each, without a
// file on the disk.
//
// Owned by TestApp. The probe may be called from any thread and outlives this object.
#pragma once

#include <QVariantList>
#include <QVariantMap>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>

#include "app/models/machine.h"
#include "engine/api/model_info.h"

namespace sotto::app {

class PlannedModels {
public:
    // `card`: name, specGbS, problem; empty: this computer has none.
    explicit PlannedModels(const QVariantMap& card);

    MachineProbe probe() const;

    // One map each: path name quantization fileBytes memoryBytes cardBytes bytesPerToken
    // cardBytesPerToken contextTokens layerCount cardLayers isCardTooSmall isShortened,
    // trainedContext kvBytes scratchBytes cardKvBytes, problem (it cannot be read), shortage (it
    // does not fit), cardShortage (it does not where a card takes part).
    void set(const QVariantList& models);
    // Folders of other programs: program, folder.
    void setPlaces(const QVariantList& places);

    int plans() const { return m_table->nPlans; }  // how often a file was looked at

private:
    struct PlannedFile {
        Result<PlannedModel> plan;  // on the processor
        Result<PlannedModel> planWithCard;
    };
    struct Table {
        std::mutex mutex;
        std::vector<ModelPlace> places;             // guarded by mutex
        std::map<std::string, PlannedFile> models;  // by path; guarded by mutex
        std::atomic<int> nPlans{0};
    };

    std::vector<DeviceInfo> m_devices;
    std::shared_ptr<Table> m_table;  // shared with the probes, which live on worker threads
};

// What a loaded or planned model tells of itself; keys as above, and hasThinking
// refusesSystemRole.
void describeModel(const QVariantMap& from, ModelInfo& to);

}  // namespace sotto::app
