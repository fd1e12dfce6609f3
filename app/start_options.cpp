#include "app/start_options.h"

#include <QCommandLineParser>
#include <QRegularExpression>

namespace sotto::app {

namespace {

constexpr int kSmallestWidth = 960;
constexpr int kSmallestHeight = 600;

// One of the values, or a sentence in `problem`.
QString oneOf(const QCommandLineParser& parser, const QString& name, const QStringList& values,
              QString& problem) {
    const QString value = parser.value(name);
    if (value.isEmpty() || values.contains(value)) return value;
    problem = QStringLiteral("--%1 takes %2, not \"%3\".").arg(name, values.join(u'|'), value);
    return {};
}

QSize sizeOf(const QString& text, QString& problem) {
    static const QRegularExpression form(QStringLiteral("^(\\d{1,5})x(\\d{1,5})$"));
    const QRegularExpressionMatch match = form.match(text);
    const QSize size(match.captured(1).toInt(), match.captured(2).toInt());
    if (match.hasMatch() && size.width() >= kSmallestWidth && size.height() >= kSmallestHeight) {
        return size;
    }
    problem = QStringLiteral("--size takes WIDTHxHEIGHT from %1x%2, not \"%3\".")
                  .arg(kSmallestWidth)
                  .arg(kSmallestHeight)
                  .arg(text);
    return {};
}

}  // namespace

StartOptions parseStartOptions(const QStringList& arguments) {
    QCommandLineParser parser;
    parser.setApplicationDescription(
        QStringLiteral("Private, offline chat with language models. Without options: the window."));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addOptions({
        {QStringLiteral("screenshot"),
         QStringLiteral(
             "Draw the window after one exchange with the demo model, without a display."),
         QStringLiteral("FILE.png")},
        {QStringLiteral("size"), QStringLiteral("Size of the window."), QStringLiteral("WxH")},
        {QStringLiteral("theme"), QStringLiteral("dark or light."), QStringLiteral("THEME")},
        {QStringLiteral("language"), QStringLiteral("en or zh_CN."), QStringLiteral("LANGUAGE")},
        {QStringLiteral("scale"), QStringLiteral("Device pixels per pixel, 1 to 4."),
         QStringLiteral("F")},
        {QStringLiteral("smoke"), QStringLiteral("Show the window once and end.")},
    });

    StartOptions options;
    if (!parser.parse(arguments)) {
        options.problem = parser.errorText();
        return options;
    }
    if (parser.isSet(QStringLiteral("help"))) options.help = parser.helpText();
    options.isVersionAsked = parser.isSet(QStringLiteral("version"));
    options.screenshot = parser.value(QStringLiteral("screenshot"));
    options.isSmoke = parser.isSet(QStringLiteral("smoke"));
    options.theme = oneOf(parser, QStringLiteral("theme"),
                          {QStringLiteral("dark"), QStringLiteral("light")}, options.problem);
    options.language = oneOf(parser, QStringLiteral("language"),
                             {QStringLiteral("en"), QStringLiteral("zh_CN")}, options.problem);
    if (parser.isSet(QStringLiteral("size"))) {
        options.size = sizeOf(parser.value(QStringLiteral("size")), options.problem);
    }
    options.scale = parser.value(QStringLiteral("scale"));
    bool isNumber = true;
    const double factor = options.scale.isEmpty() ? 1 : options.scale.toDouble(&isNumber);
    if (!isNumber || !(factor >= 1 && factor <= 4)) {  // nan is neither
        options.problem = QStringLiteral("--scale takes a number from 1 to 4.");
    }
    if (!parser.positionalArguments().isEmpty()) {
        options.problem =
            QStringLiteral("What is \"%1\"?").arg(parser.positionalArguments().constFirst());
    }
    return options;
}

void prepareEnvironment(const StartOptions& options) {
    if (!options.scale.isEmpty()) qputenv("QT_SCALE_FACTOR", options.scale.toLatin1());
    if (!options.isUnattended()) return;
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
    if (qEnvironmentVariable("QT_QPA_PLATFORM") == QStringLiteral("offscreen") &&
        !qEnvironmentVariableIsSet("QT_QUICK_BACKEND")) {
        qputenv("QT_QUICK_BACKEND", "software");
    }
}

}  // namespace sotto::app
