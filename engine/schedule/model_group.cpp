#include "engine/schedule/model_group.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/api/device_info.h"
#include "engine/api/inspect.h"
#include "engine/schedule/evaluation_model.h"

namespace sotto {
namespace {

// What is left of the memory while the models are planned one after the other.
class FreeMemory {
public:
    explicit FreeMemory(std::uint64_t keptBytes) : m_devices(listDevices()) {
        for (const DeviceInfo& device : m_devices) m_free[device.id] = device.memoryAvailable;
        take(kProcessor, keptBytes);
    }

    void take(const std::string& deviceId, std::uint64_t bytes) {
        std::uint64_t& free = m_free[deviceId];
        free -= std::min(free, bytes);
    }

    // Its id; empty: there is no such device, as loading will say.
    std::string cardOf(const std::string& name) const {
        const auto device = chosenDevice(name, m_devices);
        return device && device->id != kProcessor ? device->id : std::string();
    }

    PlanSpace space(const std::string& cardId, int nThreads) const {
        PlanSpace space;
        space.processorBytes = m_free.at(kProcessor);
        space.nThreads = nThreads;
        const auto card = m_free.find(cardId);
        if (cardId.empty() || card == m_free.end()) return space;
        space.cardBytes = card->second - std::min(card->second, kCardContextBytes);
        for (const DeviceInfo& device : m_devices)
            if (device.id == cardId) space.cardTotalBytes = device.memoryTotal;
        return space;
    }

    static constexpr const char* kProcessor = "cpu";

private:
    std::vector<DeviceInfo> m_devices;
    std::map<std::string, std::uint64_t> m_free;
};

}  // namespace

Error tooFewModels() {
    return {ErrorCode::InvalidArgument,
            "A comparison needs two models: the reference and another one.",
            {}};
}

Error differentVocabularies(const LoadOptions& model) {
    return {ErrorCode::InvalidArgument,
            "The models have different vocabularies, so their probabilities cannot be compared: "
            "compare their answers by text only.",
            model.path.string()};
}

Result<CommonTokens> tokenizeForAll(const std::vector<LoadOptions>& models, std::string_view text) {
    CommonTokens common;
    for (std::size_t index = 0; index < models.size(); ++index) {
        // For the number of its tokens: a file has more rows than its vocabulary has pieces where
        // they were rounded up.
        SOTTO_ASSIGN(const PlannedModel planned, planLoad(models[index], {}));
        SOTTO_ASSIGN(const auto tokenizer, loadTokenizer(models[index].path));
        EncodeOptions encoding;
        encoding.isAddingBos = tokenizer->isAddingBosByDefault();
        SOTTO_ASSIGN(auto tokens, tokenizer->encode(text, encoding));
        const std::int32_t bos = encoding.isAddingBos ? tokenizer->bosToken() : -1;
        if (index == 0) {
            common = {std::move(tokens), bos, planned.info.nVocab};
            continue;
        }
        if (tokens != common.tokens || bos != common.bosToken)
            return fail(differentVocabularies(models[index]));
        common.nVocab = std::min(common.nVocab, planned.info.nVocab);
    }
    return common;
}

ModelGroup::ModelGroup(const EngineOptions& engine, const std::vector<LoadOptions>& models,
                       std::int64_t contextTokens, bool isTakingTurns)
    : m_engine(engine), m_contextTokens(contextTokens), m_isTakingTurns(isTakingTurns) {
    m_members.resize(models.size());
    for (std::size_t index = 0; index < models.size(); ++index) {
        m_members[index].options = models[index];
        m_members[index].options.contextTokens = contextTokens;
    }
}

Status ModelGroup::plan(std::uint64_t keptBytes) {
    if (m_isTakingTurns) return {};
    FreeMemory free(keptBytes);
    const FreeMemory all(keptBytes);
    for (const Member& member : m_members) {
        const std::string& device = member.options.device;
        const std::string cardId = free.cardOf(device.empty() ? m_engine.device : device);
        SOTTO_ASSIGN(const PlannedModel planned,
                     planLoad(member.options, free.space(cardId, m_engine.nThreads)));
        SOTTO_ASSIGN(const PlannedModel alone,
                     planLoad(member.options, all.space(cardId, m_engine.nThreads)));
        // In turn is faster than together with layers pushed off the card.
        if (planned.shortage || planned.isShortened ||
            planned.info.nGpuLayers < alone.info.nGpuLayers) {
            m_isTakingTurns = true;
            return {};
        }
        const std::uint64_t onCard = planned.info.cardMemory.total();
        free.take(FreeMemory::kProcessor, planned.info.memory.total() - onCard +
                                              evaluationOutputBytes(planned.info.nVocab));
        if (!cardId.empty()) free.take(cardId, onCard + evaluationOutputBytes(planned.info.nVocab));
    }
    return {};
}

void ModelGroup::dropAll() {
    for (Member& member : m_members) {
        member.runner.reset();
        member.model.reset();
    }
}

Result<SequenceRunner*> ModelGroup::use(std::size_t index, const LoadSink& sink) {
    Member& member = m_members[index];
    if (member.runner) return member.runner.get();
    if (m_isTakingTurns) dropAll();
    const auto load = [&] {
        return loadForEvaluation(m_engine, member.options, m_contextTokens, sink);
    };
    auto loaded = load();
    // Planned when there was more: another program may have taken it meanwhile.
    if (!loaded && loaded.error().code == ErrorCode::OutOfMemory && !m_isTakingTurns) {
        m_isTakingTurns = true;
        dropAll();
        loaded = load();
    }
    if (!loaded) return fail(std::move(loaded.error()));
    member.model = std::move(*loaded);
    if (member.model->contextTokens() < m_contextTokens)
        return fail(Error{ErrorCode::InvalidArgument,
                          fmt::format("This model reads at most {} tokens at once, fewer than {}: "
                                      "choose shorter chunks.",
                                      member.model->contextTokens(), m_contextTokens),
                          member.options.path.string(), static_cast<std::uint64_t>(m_contextTokens),
                          static_cast<std::uint64_t>(member.model->contextTokens())});
    member.runner = std::make_unique<SequenceRunner>(*member.model);
    return member.runner.get();
}

}  // namespace sotto
