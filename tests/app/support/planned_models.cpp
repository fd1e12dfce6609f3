#include "tests/app/support/planned_models.h"

namespace sotto::app {
namespace {

constexpr std::uint64_t kGib = std::uint64_t{1} << 30;

std::uint64_t bytes(const QVariantMap& from, const char* key) {
    return static_cast<std::uint64_t>(from[QString::fromLatin1(key)].toDouble());
}
std::string text(const QVariantMap& from, const char* key) {
    return from[QString::fromLatin1(key)].toString().toStdString();
}

Result<PlannedModel> planned(const QVariantMap& from, const char* shortageKey) {
    if (const std::string problem = text(from, "problem"); !problem.empty())
        return fail(ErrorCode::FileDamaged, problem);
    PlannedModel model;
    describeModel(from, model.info);
    model.isShortened = from[QStringLiteral("isShortened")].toBool();
    if (const std::string shortage = text(from, shortageKey); !shortage.empty())
        model.shortage = Error{ErrorCode::OutOfMemory, shortage, {}, 0, 0};
    return model;
}

}  // namespace

void describeModel(const QVariantMap& from, ModelInfo& to) {
    if (from.contains(QStringLiteral("name"))) to.name = text(from, "name");
    if (from.contains(QStringLiteral("quantization"))) to.quantization = text(from, "quantization");
    if (from.contains(QStringLiteral("memoryBytes")))
        to.memory = {bytes(from, "memoryBytes"), bytes(from, "kvBytes"),
                     bytes(from, "scratchBytes")};
    if (from.contains(QStringLiteral("contextTokens")))
        to.contextTokens = from[QStringLiteral("contextTokens")].toLongLong();
    to.trainedContext = from[QStringLiteral("trainedContext")].toLongLong();
    to.fileBytes = bytes(from, "fileBytes");
    to.cardMemory = {bytes(from, "cardBytes"), bytes(from, "cardKvBytes"), 0};
    to.bytesPerToken = bytes(from, "bytesPerToken");
    to.cardBytesPerToken = bytes(from, "cardBytesPerToken");
    to.nLayers = from[QStringLiteral("layerCount")].toLongLong();
    to.nGpuLayers = from[QStringLiteral("cardLayers")].toLongLong();
    to.hasThinking = from[QStringLiteral("hasThinking")].toBool();
    if (from[QStringLiteral("refusesSystemRole")].toBool()) to.systemRole = SystemRole::Refused;
    if (from[QStringLiteral("isCardTooSmall")].toBool())
        to.deviceReason = DeviceReason::CardTooSmall;
    else if (to.nGpuLayers > 0 && to.nGpuLayers < to.nLayers)
        to.deviceReason = DeviceReason::CardFull;
}

PlannedModels::PlannedModels(const QVariantMap& card) : m_table(std::make_shared<Table>()) {
    DeviceInfo processor;
    processor.id = "cpu";
    processor.name = "AMD EPYC 9654";
    processor.instructionSet = "avx512-vnni";
    processor.nCores = 2;
    processor.memoryTotal = 32 * kGib;
    processor.memoryAvailable = 30 * kGib;
    m_devices.push_back(processor);
    if (card.isEmpty()) return;
    DeviceInfo device;
    device.id = "cuda:0";
    device.name = text(card, "name");
    device.instructionSet = "sm_89";
    device.nCores = 128;
    device.memoryTotal = 24 * kGib;
    device.memoryAvailable = 22 * kGib;
    device.specGbS = card[QStringLiteral("specGbS")].toDouble();
    device.unusableReason = text(card, "problem");
    m_devices.push_back(device);
}

MachineProbe PlannedModels::probe() const {
    MachineProbe probe;
    probe.listDevices = [devices = m_devices] { return devices; };
    probe.measureProcessor = [](int, const std::atomic<bool>*) { return BandwidthMeasurement{}; };
    probe.planModel = [table = m_table](const LoadOptions& options,
                                        const PlanSpace& space) -> Result<PlannedModel> {
        ++table->nPlans;
        const std::lock_guard lock(table->mutex);
        const auto found = table->models.find(options.path.string());
        if (found != table->models.end())
            return space.cardBytes ? found->second.planWithCard : found->second.plan;
        PlannedModel unknown;
        unknown.info.name = options.path.stem().string();
        return unknown;
    };
    probe.isThere = [](const std::string&) { return true; };
    probe.listPlaces = [table = m_table] {
        const std::lock_guard lock(table->mutex);
        return table->places;
    };
    return probe;
}

void PlannedModels::setPlaces(const QVariantList& places) {
    const std::lock_guard lock(m_table->mutex);
    m_table->places.clear();
    for (const QVariant& value : places) {
        const QVariantMap place = value.toMap();
        m_table->places.push_back({text(place, "program"), text(place, "folder")});
    }
}

void PlannedModels::set(const QVariantList& models) {
    const std::lock_guard lock(m_table->mutex);
    m_table->models.clear();
    for (const QVariant& value : models) {
        const QVariantMap model = value.toMap();
        const bool isOverOnCard = model.contains(QStringLiteral("cardShortage"));
        PlannedFile file{planned(model, "shortage"),
                         planned(model, isOverOnCard ? "cardShortage" : "shortage")};
        if (file.plan) {
            file.plan->info.cardMemory = {};
            file.plan->info.cardBytesPerToken = 0;
            file.plan->info.nGpuLayers = 0;
        }
        m_table->models.emplace(text(model, "path"), std::move(file));
    }
}

}  // namespace sotto::app
