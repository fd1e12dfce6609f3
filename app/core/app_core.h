// AppCore: the composition root without Qt: folders, storage, engine and jobs, built once and
// handed by reference to the window, the command line and the server.
//
// Owns all of them; they live as long as it does. Nothing that can go wrong here keeps the program
// from starting: without a usable disk chats live in memory, or in a copy of a database that cannot
// be written, and `storageProblem` says why; without an engine `engineProblem` does, without a
// network `hubProblem`. Create and destroy on the main thread.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/core/engine_hub.h"
#include "app/core/hub/model_hub.h"
#include "app/core/hub/stored_downloads.h"
#include "app/core/hub/stored_ledger.h"
#include "app/core/hub/token_store.h"
#include "app/core/job_runner.h"
#include "app/core/jobs/quantize_jobs.h"
#include "app/core/jobs/storage_job_store.h"
#include "app/core/library_copy.h"
#include "app/core/paths.h"
#include "app/core/prefix/disk_prefix_store.h"
#include "app/core/product_memory_file.h"
#include "engine/api/engine.h"
#include "storage/api/storage.h"

namespace sotto::app {

struct AppCoreOptions {
    EngineOptions engine;
    // Called once storage is open and before the engine is made, so that stored settings can choose
    // its options. May be empty.
    std::function<void(storage::Storage&, EngineOptions&)> chooseEngineOptions;
    // Called once storage is open and before the network is made; what it finds set is ours:
    // folder, store, ledger, token, and offline where the stored choice cannot be read. May be
    // empty.
    std::function<void(storage::Storage&, ModelHubOptions&)> chooseHubOptions;
    // Called once storage is open and before the prefix store is made; what it finds set is its
    // place. May be empty.
    std::function<void(storage::Storage&, DiskPrefixOptions&)> choosePrefixOptions;
    // Called on the storage thread or that of its check, perhaps before create() has returned: what
    // StorageOptions tells in the background, damage that the check finds among it. A recovery is
    // told once for each cause.
    std::function<void(const Error&)> onStorageError;
    std::function<void()> onStorageRecovered;
    // For these failures of opening the database create() fails with them instead of going on in
    // memory, so that a person can choose. May be empty.
    std::function<bool(const Error&)> isForAPerson;
    // A library beside the usual one, by its file name; empty: Paths::database.
    std::string databaseName;
    // Called before the jobs that the last run left unfinished are offered again: their kinds are
    // registered here. May be empty.
    std::function<void(JobRunner&)> registerJobKinds;
    Environment environment = processEnvironment();
    std::filesystem::path folderOfProgram = programFolder();
    // A seam for tests, which run on a scripted engine.
    std::function<Result<std::unique_ptr<Engine>>(const EngineOptions&, EventSink)> makeEngine =
        createEngine;
};

class AppCore {
public:
    // Errors: what leaves nothing to run on (not even a database in memory), and isForAPerson.
    static Result<std::unique_ptr<AppCore>> create(AppCoreOptions options);

    ~AppCore();
    AppCore(const AppCore&) = delete;
    AppCore& operator=(const AppCore&) = delete;

    storage::Storage& storage() { return *m_storage; }  // on disk, or in memory: see below
    storage::Storage& temporaryStorage() { return *m_temporaryStorage; }  // in memory
    // Why storage() lives in memory and will be gone; empty when it is on disk.
    const std::optional<Error>& storageProblem() const { return m_storageProblem; }
    // With a storageProblem(): storage() has the chats of the database that cannot be written.
    bool isCopyShown() const { return m_copy.has_value(); }

    // Without an engine where engineProblem() says why.
    EngineHub& hub() { return m_hub; }
    const std::optional<Error>& engineProblem() const { return m_engineProblem; }

    JobRunner& jobs() { return *m_jobs; }
    QuantizeJobs& quantizing() { return *m_quantizing; }

    // Null where hubProblem() says why there is no way to a network.
    ModelHub* modelHub() { return m_modelHub.get(); }
    const std::optional<Error>& hubProblem() const { return m_hubProblem; }
    StoredLedger& ledger() { return *m_ledger; }
    FileTokenStore& tokenFile() { return *m_tokenFile; }

    // What was computed for chats, in prefix.db of the cache folder; null where chats are not on
    // disk.
    DiskPrefixStore* prefixes() { return m_prefixes.get(); }
    // Forgets there what is of chats that are not in storage() any more.
    void forgetGonePrefixes();

    const Paths& paths() const { return m_paths; }  // empty paths when there is no home
    const std::filesystem::path& demoModel() const { return m_demoModel; }  // empty: not installed

private:
    AppCore() = default;
    Status openStorage(AppCoreOptions& options);
    Result<std::unique_ptr<storage::Storage>> openCopy(const AppCoreOptions& options);
    void openPrefixes(AppCoreOptions& options);
    void startJobs(const AppCoreOptions& options);
    void startModelHub(const AppCoreOptions& options);

    Paths m_paths;
    std::filesystem::path m_demoModel;
    std::optional<Error> m_storageProblem;
    std::optional<Error> m_engineProblem;
    std::optional<Error> m_hubProblem;
    std::unique_ptr<ProductMemoryFile> m_productMemory;  // goes behind the engine
    std::unique_ptr<DiskPrefixStore> m_prefixes;         // goes behind the engine and storage
    std::optional<LibraryCopy> m_copy;                   // goes behind the storage that has it open
    std::unique_ptr<storage::Storage> m_storage;
    std::unique_ptr<storage::Storage> m_temporaryStorage;
    // Destroyed before the storage, so that no event finds it closed.
    EngineHub m_hub;
    std::unique_ptr<Engine> m_engine;
    std::unique_ptr<StorageJobStore> m_jobStore;
    std::unique_ptr<StoredLedger> m_ledger;  // the hub's, as are the next two
    std::unique_ptr<StoredDownloads> m_downloads;
    std::unique_ptr<FileTokenStore> m_tokenFile;
    std::unique_ptr<ModelHub> m_modelHub;
    std::unique_ptr<JobRunner> m_jobs;  // jobs may use all of the above
    std::unique_ptr<QuantizeJobs> m_quantizing;
};

}  // namespace sotto::app
