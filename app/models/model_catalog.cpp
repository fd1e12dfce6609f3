#include "app/models/model_catalog.h"

#include <QFileInfo>
#include <QHash>
#include <algorithm>

#include "app/bridge/error_text.h"
#include "app/core/model_scan.h"
#include "app/models/model_distinctions.h"
#include "app/models/plan_cache.h"
#include "engine/api/inspect.h"

namespace sotto::app {
namespace {

ModelListModel::Placement placementOf(const ModelInfo& info) {
    if (info.deviceReason == DeviceReason::CardTooSmall) return ModelListModel::CardTooSmall;
    if (info.nGpuLayers == 0) return ModelListModel::OnProcessor;
    return info.nGpuLayers < info.nLayers ? ModelListModel::Split : ModelListModel::OnCard;
}

struct Listed {
    QString path;
    QString fileName;  // empty: its own
};

// The known ones first, each once.
std::vector<Listed> filesOf(const ListingWish& search, const std::atomic<bool>& isCancelled) {
    std::vector<std::filesystem::path> folders;
    for (const QString& folder : search.folders) folders.emplace_back(folder.toStdString());
    const auto found = scanModels(folders, [&isCancelled] { return isCancelled.load(); });
    std::vector<Listed> files;
    QHash<QString, std::size_t> known;
    const auto add = [&](const QString& path) {
        if (!known.contains(path)) {
            known.insert(path, files.size());
            files.push_back({path, {}});
        }
        return known.value(path);
    };
    for (const QString& path : search.paths) add(path);
    for (const ModelFile& file : found)
        files[add(QString::fromStdString(file.path.string()))].fileName =
            QString::fromStdString(file.name);
    return files;
}

// What an earlier look learned of the file, if it is still as it was then.
const storage::ModelRecord* recordOf(const QString& path, const std::optional<FileStamp>& stamp,
                                     const ListingWish& search) {
    const auto known = search.remembered.find(path);
    if (!stamp || known == search.remembered.end()) return nullptr;
    const FileStamp before{known->second.sizeBytes, known->second.modifiedAt};
    return *stamp == before ? &known->second : nullptr;
}

// The dry run, or what is remembered of it.
Result<PlannedModel> planOf(const QString& path, const LoadOptions& options, const PlanSpace& space,
                            const ListingWish& search, const MachineProbe& probe,
                            std::vector<storage::ModelRecord>& learned) {
    const std::optional<FileStamp> stamp = stampOf(path);
    if (const auto* record = recordOf(path, stamp, search))
        if (auto plan = planFromMemory(record->infoJson, options, space)) return std::move(*plan);
    Result<PlannedModel> plan = probe.planModel(options, space);
    if (!stamp) return plan;
    storage::ModelRecord record;
    record.infoJson = rememberedPlan(options, space, plan);
    if (record.infoJson.empty()) return plan;
    record.path = path.toStdString();
    record.name = plan ? plan->info.name : QFileInfo(path).completeBaseName().toStdString();
    record.sizeBytes = stamp->sizeBytes;
    record.modifiedAt = stamp->modifiedAt;
    learned.push_back(std::move(record));
    return plan;
}

// A part of it is on its way. What was read before and has not changed since is not, though its
// folder has not settled: its row would come and go.
bool isComing(const QString& path, const ListingWish& search) {
    const Restless& restless = search.restless;
    if (restless.folders.empty()) return false;
    const auto parts = modelFiles(path.toStdString());
    return std::ranges::any_of(parts,
                               [&restless](const auto& part) { return restless.has(part); }) &&
           recordOf(path, stampOf(path), search) == nullptr;
}

ModelEntry entryOf(const Listed& listed, const Result<PlannedModel>& planned) {
    ModelEntry entry;
    entry.path = listed.path;
    const QFileInfo file(listed.path);
    entry.fileName = listed.fileName.isEmpty() ? file.fileName() : listed.fileName;
    entry.name = listed.fileName.isEmpty() ? file.completeBaseName() : listed.fileName;
    entry.fileBytes = file.size();
    if (!planned) {
        entry.isReadable = false;
        entry.problem = errorText(planned.error());
        return entry;
    }
    if (planned->shortage) {
        entry.isTooLarge = true;
        entry.problem = errorText(*planned->shortage);
    }
    const ModelInfo& info = planned->info;
    entry.isShortened = planned->isShortened;
    entry.isUnpacked = !info.unpackedTypes.empty();
    entry.name = QString::fromStdString(info.name);
    entry.architecture = QString::fromStdString(info.architecture);
    entry.quantization = QString::fromStdString(info.quantization);
    entry.fileBytes = static_cast<qint64>(info.fileBytes);
    entry.memoryBytes = static_cast<qint64>(info.memory.total());
    entry.cardBytes = static_cast<qint64>(info.cardMemory.total());
    entry.bytesPerToken = static_cast<qint64>(info.bytesPerToken);
    entry.cardBytesPerToken = static_cast<qint64>(info.cardBytesPerToken);
    entry.weightUse = info.weightUse;
    entry.kvBytes = static_cast<qint64>(info.memory.kv);
    entry.contextTokens = static_cast<int>(info.contextTokens);
    entry.nLayers = static_cast<int>(info.nLayers);
    entry.nCardLayers = static_cast<int>(info.nGpuLayers);
    entry.placement = placementOf(info);
    return entry;
}

}  // namespace

Result<ModelListing> listModels(const ListingWish& search, const MachineProbe& probe,
                                const std::atomic<bool>& isCancelled) {
    const std::vector<Listed> files = filesOf(search, isCancelled);
    ModelListing listing;
    listing.devices = probe.listDevices();
    for (const Listed& file : files) {
        if (isCancelled) return fail(ErrorCode::Cancelled, "Stopped.");
        if (isComing(file.path, search)) continue;
        const auto own = search.ownOptions.find(file.path);
        LoadOptions options = own == search.ownOptions.end() ? search.options : own->second;
        options.path = file.path.toStdString();
        const PlanSpace space =
            spaceFor(chooseDevices(options.device, listing.devices), search.held, search.nThreads);
        listing.entries.push_back(
            entryOf(file, planOf(file.path, options, space, search, probe, listing.learned)));
        ModelEntry& entry = listing.entries.back();
        entry.isDemo = file.path == search.demoPath;
        entry.ownName = entry.name;
        if (const auto given = search.names.find(file.path); given != search.names.end())
            entry.name = given->second;
        if (const auto known = search.remembered.find(file.path);
            known != search.remembered.end()) {
            entry.lastUsedAt = known->second.lastUsedAt;
            entry.isFavourite = known->second.isFavourite;
        }
    }
    distinguish(listing.entries);
    return listing;
}

}  // namespace sotto::app
