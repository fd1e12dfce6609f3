// What can be said of model files without loading them: found in folders, inspected one by one.
//
// Plain functions that read files; they are run on a worker thread. Errors become the entry's
// problem, never a missing row.
#pragma once

#include <QString>
#include <QStringList>
#include <atomic>
#include <map>
#include <string>
#include <vector>

#include "app/models/machine.h"
#include "app/models/model_list_model.h"
#include "base/result.h"
#include "engine/api/engine_options.h"

namespace sotto::app {

// GGUF files below the folders, first shards only, sorted; links are not followed and at most 4
// levels are read.
QStringList findModelFiles(const QStringList& folders);

// What a reading of the model files needs to know.
struct ListingWish {
    QStringList paths;  // files that are known, the first ones first
    QStringList folders;
    QString demoPath;
    LoadOptions options;
    std::map<QString, LoadOptions> ownOptions;  // of files with settings of their own
    HeldMemory held;
    int nThreads = 0;
    std::string deviceSetting;
};

struct ModelListing {
    std::vector<ModelEntry> entries;
    std::vector<DeviceInfo> devices;
};

// Errors: Cancelled, between two files.
Result<ModelListing> listModels(const ListingWish& search, const MachineProbe& probe,
                                const std::atomic<bool>& isCancelled);

// The dry run at `wanted` (its path is replaced): where the model would lie, and with which
// context.
ModelEntry inspectModelFile(const QString& path, const LoadOptions& wanted, const PlanSpace& space,
                            const MachineProbe& probe);

}  // namespace sotto::app
