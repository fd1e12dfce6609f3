#include "app/workshop/quantize_methods.h"

#include <QFileInfo>
#include <array>
#include <utility>

#include "app/bridge/local_path.h"
#include "app/system/number_format.h"
#include "app/workshop/quantize_controller.h"

namespace sotto::app {
namespace {

constexpr std::array kOfferedMethods{ModelMethod::Search, ModelMethod::Awq, ModelMethod::Gptq};

QString nameOfMethod(ModelMethod method) {
    const std::string_view name = methodName(method);
    return QString::fromLatin1(name.data(), static_cast<qsizetype>(name.size()));
}

QString titleOfMethod(ModelMethod method) {
    switch (method) {
        case ModelMethod::Awq: return QStringLiteral("AWQ");
        case ModelMethod::Gptq: return QStringLiteral("GPTQ");
        default: return QuantizeMethods::tr("Search");
    }
}

}  // namespace

QuantizeMethods::QuantizeMethods(Parts parts, QObject* parent)
    : QObject(parent), m_parts(std::move(parts)), m_told(choices()) {
    connect(this, &QuantizeMethods::changed, this, [this] {
        const QVariantList now = choices();
        if (now == m_told) return;
        m_told = now;
        emit choicesChanged();
    });
}

QuantizeMethods::~QuantizeMethods() = default;

void QuantizeMethods::begin() {
    m_method = ModelMethod::Search;
    m_architecture.clear();
    m_canRun = true;
    emit changed();
}

void QuantizeMethods::setSource(const MixPlan& plan) {
    m_canRun = plan.forecast.has_value();
    m_architecture =
        m_canRun ? QString::fromStdString(plan.forecast->plan.info.architecture) : QString();
    emit changed();
}

QString QuantizeMethods::method() const { return nameOfMethod(m_method); }

QString QuantizeMethods::textPath() const {
    return m_text.isEmpty() ? m_parts.builtInText : m_text;
}

bool QuantizeMethods::isTextRead() const {
    return m_method == ModelMethod::Gptq ||
           m_parts.importance() == QLatin1String(kMeasuredImportance);
}

// Of what the source is; empty: nothing stands against it.
QString QuantizeMethods::whyNot(ModelMethod method) const {
    if (method == ModelMethod::Gptq && !m_canRun)
        return tr("GPTQ has to run the model, which this version cannot.");
    if (method == ModelMethod::Awq && !m_canRun) return tr("AWQ does not know this kind of model.");
    if (method == ModelMethod::Awq && !m_architecture.isEmpty() &&
        !isFoldedArchitecture(m_architecture.toStdString()))
        return tr("AWQ does not know models of the kind “%1”.").arg(m_architecture);
    return {};
}

QString QuantizeMethods::problem() const {
    if (const QString why = whyNot(m_method); !why.isEmpty()) return why;
    if (m_method == ModelMethod::Awq && m_parts.importance().isEmpty())
        return tr("AWQ needs an importance matrix: choose one, or have it measured first.");
    if (isTextRead() && textPath().isEmpty())
        return tr("The built-in text is not there: choose a file that the model reads.");
    return {};
}

void QuantizeMethods::setMethod(const QString& name) {
    const auto method = methodFromName(name.toStdString());
    if (!method || *method == m_method || !m_parts.isOpen() || !whyNot(*method).isEmpty()) return;
    m_method = *method;
    emit chosenChanged();
}

QVariantList QuantizeMethods::choices() const {
    QVariantList choices;
    for (const ModelMethod method : kOfferedMethods)
        choices.append(QVariantMap{{QStringLiteral("text"), titleOfMethod(method)},
                                   {QStringLiteral("value"), nameOfMethod(method)},
                                   {QStringLiteral("isOff"), !whyNot(method).isEmpty()}});
    return choices;
}

QString QuantizeMethods::costText() const {
    QStringList sentences;
    const MixPlan* const plan = m_parts.plan();
    switch (m_method) {
        case ModelMethod::Gptq:
            sentences.append(
                tr("Loses least. The model reads a text first, on the processor: minutes rather "
                   "than seconds, hours for a large one."));
            if (plan != nullptr && plan->feedbackBytes > 0) {
                NumberFormat format;
                format.followLanguage();
                const auto nBytes = static_cast<double>(plan->feedbackBytes);
                sentences.append(tr("Up to %1 of memory.").arg(format.memory(nBytes)));
            }
            break;
        case ModelMethod::Awq:
            sentences.append(
                tr("Scales columns that matter, by the importance matrix. Seldom "
                   "better than the search."));
            break;
        default: sentences.append(tr("The usual one: no model runs."));
    }
    for (const ModelMethod other : kOfferedMethods)
        if (other != m_method)
            if (const QString why = whyNot(other); !why.isEmpty()) sentences.append(why);
    return sentences.join(QLatin1Char(' '));
}

// --- the text -----------------------------------------------------------------------------------

void QuantizeMethods::setText(const QString& path) {
    if (path == m_text || !m_parts.isOpen()) return;
    m_text = path;
    if (!path.isEmpty() && !m_texts.contains(path)) m_texts.append(path);
    emit chosenChanged();
}

void QuantizeMethods::chooseText(const QUrl& file) { setText(localPath(file)); }

QVariantList QuantizeMethods::textChoices() const {
    QVariantList choices;
    const auto add = [&choices](const QString& text, const QString& value) {
        choices.append(
            QVariantMap{{QStringLiteral("text"), text}, {QStringLiteral("value"), value}});
    };
    if (!m_parts.builtInText.isEmpty()) add(tr("Built-in text"), {});
    for (const QString& path : m_texts) add(QFileInfo(path).fileName(), path);
    return choices;
}

}  // namespace sotto::app
