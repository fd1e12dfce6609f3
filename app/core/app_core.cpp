#include "app/core/app_core.h"

#include <utility>

#include "app/core/resource_paths.h"
#include "base/log.h"

namespace sotto::app {
namespace {

// Of the folder of configuration; begins as all our own files do.
constexpr const char* kTokenFile = "sotto-hub-token";

Result<std::unique_ptr<storage::Storage>> openOnDisk(AppCoreOptions& options, Paths& paths) {
    Result<Paths> found = findPaths(options.environment);
    if (!found) return fail(std::move(found.error()));
    paths = std::move(*found);
    if (Status status = createFolders(paths); !status) {
        return fail(std::move(status.error()));
    }
    if (!options.databaseName.empty()) paths.database.replace_filename(options.databaseName);
    storage::StorageOptions onDisk;
    onDisk.path = paths.database;
    onDisk.onBackgroundError = options.onStorageError;
    onDisk.onBackgroundRecovered = [recovered = options.onStorageRecovered](ErrorCode) {
        if (recovered) recovered();
    };
    // Damage that the check behind the window finds is told like any other failure.
    onDisk.onCheckFinished = [error = options.onStorageError](const Status& status) {
        if (!status && error) error(status.error());
    };
    return storage::Storage::open(std::move(onDisk));
}

}  // namespace

Result<std::unique_ptr<AppCore>> AppCore::create(AppCoreOptions options) {
    std::unique_ptr<AppCore> core(new AppCore());
    if (Status status = core->openStorage(options); !status) {
        return fail(std::move(status.error()));
    }
    core->m_demoModel = findDemoModel(options.environment, options.folderOfProgram);
    core->m_productMemory =
        std::make_unique<ProductMemoryFile>(productMemoryPath(core->m_paths.cache));
    options.engine.productMemory = core->m_productMemory.get();
    core->openPrefixes(options);
    if (options.chooseEngineOptions) options.chooseEngineOptions(*core->m_storage, options.engine);
    Result<std::unique_ptr<Engine>> engine = options.makeEngine(options.engine, core->m_hub.sink());
    if (engine) {
        core->m_engine = std::move(*engine);
        core->m_hub.attach(core->m_engine.get());
    } else {
        core->m_engineProblem = std::move(engine.error());
    }
    core->startModelHub(options);
    core->startJobs(options);
    return core;
}

// What is said in memory only is not written.
void AppCore::openPrefixes(AppCoreOptions& options) {
    if (m_storageProblem || m_paths.cache.empty()) return;
    DiskPrefixOptions chosen;
    chosen.path = m_paths.cache / "prefix.db";
    chosen.isOwnPlace = true;
    if (options.choosePrefixOptions) options.choosePrefixOptions(*m_storage, chosen);
    m_prefixes = std::make_unique<DiskPrefixStore>(std::move(chosen));
    options.engine.prefixStore = m_prefixes.get();
    forgetGonePrefixes();
}

void AppCore::forgetGonePrefixes() {
    if (m_prefixes == nullptr) return;
    m_storage->submit(
        [](storage::Database& database) -> Result<std::vector<std::uint64_t>> {
            std::vector<std::uint64_t> ids;
            for (const bool isInBin : {false, true}) {
                SOTTO_ASSIGN(const auto chats, database.chats().list(isInBin));
                for (const storage::ChatSummary& chat : chats)
                    ids.push_back(static_cast<std::uint64_t>(chat.id));
            }
            return ids;
        },
        [store = m_prefixes.get()](const Result<std::vector<std::uint64_t>>& ids) {
            if (ids) store->forgetAllBut(*ids);
        });
}

void AppCore::startJobs(const AppCoreOptions& options) {
    m_jobStore = std::make_unique<StorageJobStore>(*m_storage);
    m_jobs = std::make_unique<JobRunner>(JobRunnerOptions{.store = m_jobStore.get()});
    m_quantizing = std::make_unique<QuantizeJobs>(*m_jobs);
    if (options.registerJobKinds) options.registerJobKinds(*m_jobs);
    if (const Status restored = m_jobs->restore(); !restored)
        logMessage(LogLevel::Warning, "Unfinished jobs: " + restored.error().message);
}

void AppCore::startModelHub(const AppCoreOptions& options) {
    m_ledger = std::make_unique<StoredLedger>(*m_storage);
    m_downloads = std::make_unique<StoredDownloads>(*m_storage);
    m_tokenFile = std::make_unique<FileTokenStore>(
        m_paths.config.empty() ? std::filesystem::path() : m_paths.config / kTokenFile);
    ModelHubOptions chosen;
    chosen.folder = m_paths.models;
    chosen.network.ledger = m_ledger.get();
    // Where the stored choice cannot be read, nothing leaves without a new one.
    chosen.network.isOffline = m_storageProblem && !m_copy;
    // What a copy says of downloads is for reading: they belong to the library that cannot be
    // written.
    if (!m_copy) chosen.downloads.store = m_downloads.get();
    obeyEnvironment(options.environment, chosen);
    if (options.chooseHubOptions) options.chooseHubOptions(*m_storage, chosen);
    if (const auto token = m_tokenFile->read(); !token)
        logMessage(LogLevel::Warning, token.error().message);
    else if (token->origin == net::originOf(chosen.hub.endpoint))
        chosen.hub.token = token->token;
    auto hub = ModelHub::create(std::move(chosen));
    if (hub) {
        m_modelHub = std::move(*hub);
    } else {
        m_hubProblem = std::move(hub.error());
        logMessage(LogLevel::Warning, "There is no network: " + m_hubProblem->message);
    }
}

AppCore::~AppCore() {
    m_jobs.reset();
    m_hub.attach(nullptr);
}

Status AppCore::openStorage(AppCoreOptions& options) {
    auto temporary = storage::Storage::open(storage::StorageOptions::inMemory());
    if (!temporary) return fail(std::move(temporary.error()));
    m_temporaryStorage = std::move(*temporary);

    LibraryCopy::sweep(options.environment);
    auto onDisk = openOnDisk(options, m_paths);
    if (onDisk) {
        m_storage = std::move(*onDisk);
        return {};
    }
    // The file stays as it is.
    if (options.isForAPerson && options.isForAPerson(onDisk.error()))
        return fail(std::move(onDisk.error()));
    m_storageProblem = std::move(onDisk.error());
    if (m_storageProblem->code == ErrorCode::ReadOnly) {
        if (auto copy = openCopy(options)) {
            m_storage = std::move(*copy);
            return {};
        }
        m_copy.reset();
    }
    auto inMemory = storage::Storage::open(storage::StorageOptions::inMemory());
    if (!inMemory) return fail(std::move(inMemory.error()));
    m_storage = std::move(*inMemory);
    return {};
}

// Of what is on a disk that takes no text, the chats can still be read.
Result<std::unique_ptr<storage::Storage>> AppCore::openCopy(const AppCoreOptions& options) {
    SOTTO_ASSIGN(m_copy, LibraryCopy::make(m_paths.database, options.environment));
    storage::StorageOptions copy;
    copy.path = m_copy->database();
    copy.hasUpkeep = false;
    return storage::Storage::open(std::move(copy));
}

}  // namespace sotto::app
