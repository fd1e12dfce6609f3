#include "app/models/plan_cache.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>

namespace sotto::app {
namespace {

// 2: with the margin that stays free on a card. 3: with the types that are unpacked. 4: with the
// types of the matrices.
constexpr int kFormat = 4;

QString text(const std::string& from) { return QString::fromStdString(from); }
std::string text(const QJsonValue& from) { return from.toString().toStdString(); }

// Bytes beyond 63 bits ("all there is") come back as they were.
QJsonValue whole(std::uint64_t number) { return static_cast<qint64>(number); }
std::uint64_t whole(const QJsonValue& number) {
    return static_cast<std::uint64_t>(number.toInteger());
}

QJsonObject questionJson(const LoadOptions& options, int nThreads) {
    return {{QStringLiteral("format"), kFormat},
            {QStringLiteral("program"), QCoreApplication::applicationVersion()},
            {QStringLiteral("context"), static_cast<qint64>(options.contextTokens)},
            {QStringLiteral("kv"), text(kvTypesText(options.kv))},
            {QStringLiteral("chunk"), static_cast<qint64>(options.prefillChunk)},
            {QStringLiteral("gpuLayers"), options.gpuLayers},
            {QStringLiteral("device"), text(options.device)},
            {QStringLiteral("threads"), nThreads}};
}

QJsonObject spaceJson(const PlanSpace& space) {
    QJsonObject json{{QStringLiteral("processor"), whole(space.processorBytes)}};
    if (space.cardBytes) json[QStringLiteral("card")] = whole(*space.cardBytes);
    return json;
}

QJsonObject errorJson(const Error& error) {
    return {{QStringLiteral("code"), text(std::string(errorCodeName(error.code)))},
            {QStringLiteral("message"), text(error.message)},
            {QStringLiteral("context"), text(error.context)},
            {QStringLiteral("needed"), whole(error.needed)},
            {QStringLiteral("available"), whole(error.available)}};
}

Error errorOf(const QJsonObject& json) {
    return {errorCodeOfName(text(json[QStringLiteral("code")])),
            text(json[QStringLiteral("message")]), text(json[QStringLiteral("context")]),
            whole(json[QStringLiteral("needed")]), whole(json[QStringLiteral("available")])};
}

QJsonObject memoryJson(const MemoryEstimate& memory) {
    return {{QStringLiteral("weights"), whole(memory.weights)},
            {QStringLiteral("kv"), whole(memory.kv)},
            {QStringLiteral("scratch"), whole(memory.scratch)}};
}

MemoryEstimate memoryOf(const QJsonValue& value) {
    const QJsonObject json = value.toObject();
    return {whole(json[QStringLiteral("weights")]), whole(json[QStringLiteral("kv")]),
            whole(json[QStringLiteral("scratch")])};
}

QJsonArray typesJson(const std::vector<DType>& types) {
    QJsonArray names;
    for (const DType type : types) names.append(text(std::string(dtypeTraits(type).name)));
    return names;
}

std::vector<DType> typesOf(const QJsonValue& value) {
    std::vector<DType> types;
    for (const QJsonValue& name : value.toArray())
        if (const auto type = dtypeFromName(text(name))) types.push_back(*type);
    return types;
}

QJsonArray weightUseJson(const std::vector<WeightUse>& uses) {
    QJsonArray json;
    for (const WeightUse& use : uses)
        json.append(
            QJsonObject{{QStringLiteral("type"), text(std::string(dtypeTraits(use.type).name))},
                        {QStringLiteral("bytes"), whole(use.bytesPerToken)},
                        {QStringLiteral("elements"), whole(use.layerElementsPerToken)}});
    return json;
}

std::vector<WeightUse> weightUseOf(const QJsonArray& json) {
    std::vector<WeightUse> uses;
    for (const QJsonValue& use : json)
        if (const auto type = dtypeFromName(text(use[QStringLiteral("type")])))
            uses.push_back({*type, whole(use[QStringLiteral("bytes")]),
                            whole(use[QStringLiteral("elements")])});
    return uses;
}

// One table for both directions.
template <typename Field>
void eachField(ModelInfo& info, Field field) {
    field("name", info.name);
    field("architecture", info.architecture);
    field("license", info.license);
    field("quantization", info.quantization);
    field("parameters", info.parameters);
    field("fileBytes", info.fileBytes);
    field("trainedContext", info.trainedContext);
    field("contextTokens", info.contextTokens);
    field("layers", info.nLayers);
    field("cardLayers", info.nGpuLayers);
    field("bytesPerToken", info.bytesPerToken);
    field("cardBytesPerToken", info.cardBytesPerToken);
    field("memory", info.memory);
    field("cardMemory", info.cardMemory);
    field("unpackedTypes", info.unpackedTypes);
}

struct ToJson {
    QJsonObject& json;
    void operator()(const char* key, const std::string& value) { put(key, text(value)); }
    void operator()(const char* key, std::uint64_t value) { put(key, whole(value)); }
    void operator()(const char* key, std::int64_t value) { put(key, qint64{value}); }
    void operator()(const char* key, const MemoryEstimate& value) { put(key, memoryJson(value)); }
    void operator()(const char* key, const std::vector<DType>& value) {
        put(key, typesJson(value));
    }
    void put(const char* key, const QJsonValue& value) { json[QLatin1String(key)] = value; }
};

struct FromJson {
    const QJsonObject& json;
    void operator()(const char* key, std::string& value) { value = text(at(key)); }
    void operator()(const char* key, std::uint64_t& value) { value = whole(at(key)); }
    void operator()(const char* key, std::int64_t& value) { value = at(key).toInteger(); }
    void operator()(const char* key, MemoryEstimate& value) { value = memoryOf(at(key)); }
    void operator()(const char* key, std::vector<DType>& value) { value = typesOf(at(key)); }
    QJsonValue at(const char* key) const { return json[QLatin1String(key)]; }
};

bool isSame(std::uint64_t before, std::uint64_t now) {
    return std::max(before, now) - std::min(before, now) < kSameMemoryBytes;
}

// Whether a plan for `before` holds in `now`.
bool holds(const PlannedModel& plan, const PlanSpace& before, const PlanSpace& now) {
    if (before.cardBytes.has_value() != now.cardBytes.has_value()) return false;
    if (isSame(before.processorBytes, now.processorBytes) &&
        isSame(before.cardBytes.value_or(0), now.cardBytes.value_or(0)))
        return true;
    const bool isOnTheCardItWants = !before.cardBytes || plan.info.nGpuLayers == plan.info.nLayers;
    const bool hasAllItWants = !plan.isShortened && !plan.shortage && isOnTheCardItWants;
    return hasAllItWants && now.processorBytes >= before.processorBytes &&
           now.cardBytes.value_or(0) >= before.cardBytes.value_or(0);
}

}  // namespace

std::optional<FileStamp> stampOf(const QString& path) {
    std::optional<FileStamp> stamp;
    for (const auto& part : modelFiles(path.toStdString())) {
        const QFileInfo file(QString::fromStdString(part.string()));
        if (!file.exists()) {
            if (!stamp) return std::nullopt;
            continue;
        }
        if (!stamp) stamp.emplace();
        stamp->sizeBytes += file.size();
        stamp->modifiedAt =
            std::max<std::int64_t>(stamp->modifiedAt, file.lastModified().toMSecsSinceEpoch());
    }
    return stamp;
}

std::string rememberedPlan(const LoadOptions& options, const PlanSpace& space,
                           const Result<PlannedModel>& plan) {
    QJsonObject json{{QStringLiteral("for"), questionJson(options, space.nThreads)}};
    if (!plan) {
        if (plan.error().code != ErrorCode::FileDamaged) return {};
        json[QStringLiteral("error")] = errorJson(plan.error());
    } else {
        ModelInfo info = plan->info;
        QJsonObject said;
        eachField(info, ToJson{said});
        said[QStringLiteral("deviceReason")] = static_cast<int>(info.deviceReason);
        said[QStringLiteral("weightUse")] = weightUseJson(info.weightUse);
        json[QStringLiteral("info")] = said;
        json[QStringLiteral("space")] = spaceJson(space);
        json[QStringLiteral("isShortened")] = plan->isShortened;
        if (plan->shortage) json[QStringLiteral("shortage")] = errorJson(*plan->shortage);
    }
    return QJsonDocument(json).toJson(QJsonDocument::Compact).toStdString();
}

std::optional<Result<PlannedModel>> planFromMemory(const std::string& json,
                                                   const LoadOptions& options,
                                                   const PlanSpace& space) {
    const QJsonObject kept = QJsonDocument::fromJson(QByteArray::fromStdString(json)).object();
    if (kept[QStringLiteral("for")].toObject() != questionJson(options, space.nThreads))
        return std::nullopt;
    if (const QJsonValue error = kept[QStringLiteral("error")]; error.isObject())
        return Result<PlannedModel>(fail(errorOf(error.toObject())));
    const QJsonObject said = kept[QStringLiteral("info")].toObject();
    if (said.isEmpty()) return std::nullopt;
    PlannedModel plan;
    eachField(plan.info, FromJson{said});
    plan.info.path = options.path;
    plan.info.deviceReason =
        static_cast<DeviceReason>(said[QStringLiteral("deviceReason")].toInt());
    plan.info.weightUse = weightUseOf(said[QStringLiteral("weightUse")].toArray());
    plan.isShortened = kept[QStringLiteral("isShortened")].toBool();
    if (const QJsonValue shortage = kept[QStringLiteral("shortage")]; shortage.isObject())
        plan.shortage = errorOf(shortage.toObject());
    const QJsonObject had = kept[QStringLiteral("space")].toObject();
    PlanSpace before;
    before.processorBytes = whole(had[QStringLiteral("processor")]);
    if (had.contains(QStringLiteral("card"))) before.cardBytes = whole(had[QStringLiteral("card")]);
    if (!holds(plan, before, space)) return std::nullopt;
    return Result<PlannedModel>(std::move(plan));
}

}  // namespace sotto::app
