#include "app/models/model_catalog.h"

#include <QFileInfo>

#include "app/bridge/error_text.h"
#include "app/core/model_scan.h"

namespace sotto::app {
namespace {

ModelListModel::Placement placementOf(const ModelInfo& info) {
    if (info.deviceReason == DeviceReason::CardTooSmall) return ModelListModel::CardTooSmall;
    if (info.nGpuLayers == 0) return ModelListModel::OnProcessor;
    return info.nGpuLayers < info.nLayers ? ModelListModel::Split : ModelListModel::OnCard;
}

}  // namespace

QStringList findModelFiles(const QStringList& folders) {
    std::vector<std::filesystem::path> paths;
    for (const QString& folder : folders) paths.emplace_back(folder.toStdString());
    QStringList files;
    for (const ModelFile& file : scanModels(paths))
        files.append(QString::fromStdString(file.path.string()));
    return files;
}

Result<ModelListing> listModels(const ListingWish& search, const MachineProbe& probe,
                                const std::atomic<bool>& isCancelled) {
    QStringList all = search.paths + findModelFiles(search.folders);
    all.removeDuplicates();
    ModelListing listing;
    listing.devices = probe.listDevices();
    const PlanSpace space = spaceFor(chooseDevices(search.deviceSetting, listing.devices),
                                     search.held, search.nThreads);
    for (const QString& path : all) {
        if (isCancelled) return fail(ErrorCode::Cancelled, "Stopped.");
        const auto own = search.ownOptions.find(path);
        listing.entries.push_back(inspectModelFile(
            path, own == search.ownOptions.end() ? search.options : own->second, space, probe));
        listing.entries.back().isDemo = path == search.demoPath;
    }
    return listing;
}

ModelEntry inspectModelFile(const QString& path, const LoadOptions& wanted, const PlanSpace& space,
                            const MachineProbe& probe) {
    ModelEntry entry;
    entry.path = path;
    entry.name = QFileInfo(path).completeBaseName();
    entry.fileBytes = QFileInfo(path).size();
    LoadOptions options = wanted;
    options.path = path.toStdString();
    const Result<PlannedModel> planned = probe.planModel(options, space);
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
    entry.name = QString::fromStdString(info.name);
    entry.quantization = QString::fromStdString(info.quantization);
    entry.fileBytes = static_cast<qint64>(info.fileBytes);
    entry.memoryBytes = static_cast<qint64>(info.memory.total());
    entry.cardBytes = static_cast<qint64>(info.cardMemory.total());
    entry.bytesPerToken = static_cast<qint64>(info.bytesPerToken);
    entry.cardBytesPerToken = static_cast<qint64>(info.cardBytesPerToken);
    entry.contextTokens = static_cast<int>(info.contextTokens);
    entry.nLayers = static_cast<int>(info.nLayers);
    entry.nCardLayers = static_cast<int>(info.nGpuLayers);
    entry.placement = placementOf(info);
    return entry;
}

}  // namespace sotto::app
