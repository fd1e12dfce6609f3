// What can be said of model files without loading them: found in folders, planned one by one, or
// remembered from an earlier time.
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

#include "app/models/folder_watch.h"
#include "app/models/machine.h"
#include "app/models/model_list_model.h"
#include "app/models/model_names.h"
#include "base/result.h"
#include "engine/api/engine_options.h"
#include "storage/api/model_record.h"

namespace sotto::app {

// What a reading of the model files needs to know.
struct ListingWish {
    QStringList paths;    // files that are known, the first ones first
    QStringList folders;  // looked through, see scanModels()
    Restless restless;    // left out until it has settled
    std::map<QString, storage::ModelRecord> remembered;  // by path, also of files not listed
    ModelNames names;                                    // that their files were given
    QString demoPath;
    LoadOptions options;
    std::map<QString, LoadOptions> ownOptions;  // of files with settings of their own
    HeldMemory held;
    int nThreads = 0;
};

struct ModelListing {
    std::vector<ModelEntry> entries;
    std::vector<DeviceInfo> devices;
    std::vector<storage::ModelRecord> learned;  // to be remembered, so that no file is read again
};

// Errors: Cancelled, between two files.
Result<ModelListing> listModels(const ListingWish& search, const MachineProbe& probe,
                                const std::atomic<bool>& isCancelled);

}  // namespace sotto::app
