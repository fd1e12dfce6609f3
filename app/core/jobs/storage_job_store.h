// StorageJobStore: unfinished jobs as one JSON text under a settings key, until downloads have a
// table. Chosen over a file of its own because the storage thread already writes in order, with
// fsync, and never makes the caller wait.
//
// Borrows the Storage, which must outlive it. Thread rule: JobStore's.
#pragma once

#include "app/core/jobs/job.h"
#include "storage/api/storage.h"

namespace sotto::app {

class StorageJobStore : public JobStore {
public:
    explicit StorageJobStore(storage::Storage& storage) : m_storage(storage) {}

    // Waits for the storage thread: at start only. Entries that cannot be read are left out.
    // Errors: those of the database.
    Result<std::vector<JobRecord>> load() override;
    void save(std::vector<JobRecord> records) override;

private:
    storage::Storage& m_storage;
};

}  // namespace sotto::app
