#include "app/models/first_models_controller.h"

#include <QFile>
#include <utility>

#include "app/bridge/error_text.h"
#include "app/core/hub/entry_download.h"
#include "app/core/hub/model_hub.h"
#include "app/hub/hub_texts.h"
#include "app/models/model_list_model.h"

namespace sotto::app {
namespace {

// What a first chat has room in; a load without a wish takes as much as fits.
constexpr std::int64_t kFirstContext = 8192;

Result<std::vector<FirstModel>> listedModels(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) return parseFirstModels({});
    return parseFirstModels(file.readAll().toStdString());
}

// The largest that writes as fast as one reads; where no speed is known the one in the middle.
std::size_t suggestedOf(const std::vector<double>& speeds) {
    for (std::size_t row = speeds.size(); row-- > 0;)
        if (speeds[row] >= kReadingSpeed) return row;
    return speeds.size() / 2;
}

}  // namespace

FirstModelsController::FirstModelsController(Parts parts, QObject* parent)
    : QObject(parent), m_parts(std::move(parts)) {
    connect(&m_parts.downloads, &DownloadListModel::refused, this, [this](const QString& of) {
        for (Row& row : m_rows) {
            if (!row.isOnItsWay || QString::fromStdString(row.offer.model.repository) != of)
                continue;
            row.isOnItsWay = false;
            m_isRefused = true;
            emit changed();
        }
    });
}

FirstModelsController::~FirstModelsController() { m_asking.request_stop(); }

void FirstModelsController::setState(State state) {
    m_state = state;
    emit changed();
}

void FirstModelsController::ask() {
    if (m_parts.hub == nullptr || m_state == Asking) return;
    m_problem.reset();
    m_isRefused = false;
    ForecastSetting wanted = m_parts.forecast();
    wanted.load.contextTokens = kFirstContext;
    m_asking = m_parts.questions.start(
        this,
        [hub = m_parts.hub, list = m_parts.list, setting = std::move(wanted)](
            const std::stop_token& stop) -> Result<std::vector<FirstOffer>> {
            SOTTO_ASSIGN(const std::vector<FirstModel> models, listedModels(list));
            return offerFirstModels(hub->client(), models, setting, stop);
        },
        [this](Result<std::vector<FirstOffer>> offers) { take(std::move(offers)); });
    setState(Asking);
}

void FirstModelsController::stop() {
    if (m_state != Asking) return;
    m_asking.request_stop();
    setState(Idle);
}

void FirstModelsController::take(Result<std::vector<FirstOffer>> offers) {
    m_rows.clear();
    if (!offers) {
        m_problem = offers.error();
        return setState(Failed);
    }
    for (FirstOffer& offer : *offers) m_rows.push_back({std::move(offer)});
    setState(Offered);
}

void FirstModelsController::download(int row) {
    if (row < 0 || row >= static_cast<int>(m_rows.size()) || m_parts.hub == nullptr) return;
    Row& wanted = m_rows[static_cast<std::size_t>(row)];
    if (wanted.isOnItsWay) return;
    wanted.isOnItsWay = true;
    m_problem.reset();
    m_isRefused = false;
    m_parts.downloads.begin({.repository = wanted.offer.model.repository,
                             .commit = wanted.offer.commit,
                             .entry = wanted.offer.entry,
                             .folder = m_parts.hub->folder()});
    emit changed();
}

QVariantList FirstModelsController::offers() const {
    std::vector<double> speeds;
    const KnownRates rates = m_parts.forecast().rates;  // those of when it was asked may have grown
    for (const Row& row : m_rows) {
        const ModelForecast& made = row.offer.forecast;
        speeds.push_back(speedOf(made.plan.info, rates, made.point).forecast.tokensPerSecond);
    }
    const std::size_t suggested = suggestedOf(speeds);
    QVariantList list;
    for (std::size_t at = 0; at < m_rows.size(); ++at) {
        const FirstOffer& offer = m_rows[at].offer;
        const ModelInfo& info = offer.forecast.plan.info;
        list.append(
            QVariantMap{{QStringLiteral("name"), modelNameOf(offer.model.repository)},
                        {QStringLiteral("quantization"), QString::fromStdString(info.quantization)},
                        {QStringLiteral("license"), licenceText(offer.license)},
                        {QStringLiteral("bytes"), static_cast<double>(offer.entry.nBytes)},
                        {QStringLiteral("memoryBytes"), static_cast<double>(info.memory.total())},
                        {QStringLiteral("cardBytes"), static_cast<double>(info.cardMemory.total())},
                        {QStringLiteral("speed"), speeds[at]},
                        {QStringLiteral("isSuggested"), at == suggested},
                        {QStringLiteral("isOnItsWay"), m_rows[at].isOnItsWay}});
    }
    return list;
}

QString FirstModelsController::problem() const {
    if (m_problem) return errorText(*m_problem);
    return m_isRefused ? m_parts.downloads.problem() : QString();
}

int FirstModelsController::contextTokens() const { return static_cast<int>(kFirstContext); }

}  // namespace sotto::app
