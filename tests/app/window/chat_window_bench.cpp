// chat_window_bench: what the real window costs the GUI thread, on a scripted engine.
//
//     QT_QPA_PLATFORM=offscreen QT_QUICK_BACKEND=software chat_window_bench [--json] [--limit S]
//     [CASE…] chat_window_bench --list chat_window_bench --run CASE          in this process, for a
//     profiler; prints JSON
//
// Without a case: all. Each runs in a process of its own and is given up after S seconds (120). An
// event's cost is processor time of the GUI thread, so that other programs on the machine do not
// count; the software renderer counts, which a GPU would take away.
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <cmath>
#include <cstdio>

#include "tests/app/window/bench_cases.h"

using namespace sotto::app;

namespace {

constexpr int kDefaultLimitS = 120;

std::vector<BenchCase> allCases() {
    std::vector<BenchCase> cases = readingCases();
    for (const BenchCase& streaming : streamingCases()) cases.push_back(streaming);
    return cases;
}

QJsonArray toJson(const std::vector<BenchFigure>& figures) {
    QJsonArray rows;
    for (const BenchFigure& figure : figures) {
        QJsonObject row{{"name", figure.name}, {"value", figure.value}, {"unit", figure.unit}};
        if (figure.most) row["most"] = *figure.most;
        rows.append(row);
    }
    return rows;
}

// The figures of one case, measured in a process of its own; `failure` says why there are none.
QJsonObject measure(const BenchCase& bench, int limitS) {
    QJsonObject result{{"case", bench.name}, {"what", bench.what}};
    QProcess process;
    process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    process.start(QCoreApplication::applicationFilePath(),
                  {QStringLiteral("--run"), QLatin1String(bench.name)});
    if (!process.waitForFinished(limitS * 1000)) {
        process.kill();
        process.waitForFinished();
        result["failure"] = QStringLiteral("over %1 s").arg(limitS);
        return result;
    }
    const QJsonDocument figures = QJsonDocument::fromJson(process.readAllStandardOutput());
    if (process.exitStatus() != QProcess::NormalExit || process.exitCode() != 0 ||
        !figures.isArray())
        result["failure"] = QStringLiteral("it ended with %1").arg(process.exitCode());
    else
        result["figures"] = figures.array();
    return result;
}

QString shown(double value) {
    return QString::number(value, 'f', value != 0 && std::abs(value) < 10 ? 2 : 0);
}

void printRow(const QString& what, const QString& figure, const QString& value,
              const QString& asked) {
    std::printf("| %s | %s | %s | %s |\n", qPrintable(what), qPrintable(figure), qPrintable(value),
                qPrintable(asked));
    std::fflush(stdout);
}

void printRows(const QJsonObject& result) {
    const QString what = result["case"].toString();
    if (result.contains("failure"))
        return printRow(what, result["what"].toString(), result["failure"].toString(), {});
    for (const QJsonValue& value : result["figures"].toArray()) {
        const QJsonObject figure = value.toObject();
        const QString unit = u' ' + figure["unit"].toString();
        printRow(what, figure["name"].toString(), shown(figure["value"].toDouble()) + unit,
                 figure.contains("most") ? QStringLiteral("at most ") +
                                               QString::number(figure["most"].toDouble()) + unit
                                         : QString());
    }
}

int runHere(TimedApplication& application, const BenchCase& bench) {
    prepareTestWindows();
    const QByteArray json = QJsonDocument(toJson(bench.run(application))).toJson();
    std::fwrite(json.constData(), 1, static_cast<std::size_t>(json.size()), stdout);
    return 0;
}

int usage() {
    std::fprintf(stderr,
                 "usage: chat_window_bench [--list | --run CASE | [--json] [--limit S] [CASE…]]\n");
    return 2;
}

}  // namespace

int main(int argc, char* argv[]) {
    TimedApplication application(argc, argv);
    const std::vector<BenchCase> cases = allCases();
    const auto find = [&cases](const QString& name) {
        return std::find_if(cases.begin(), cases.end(), [&name](const BenchCase& it) {
            return name == QLatin1String(it.name);
        });
    };
    QStringList arguments = application.arguments().mid(1);
    if (arguments == QStringList{QStringLiteral("--list")}) {
        for (const BenchCase& it : cases) std::printf("%-22s %s\n", it.name, it.what);
        return 0;
    }
    if (arguments.size() == 2 && arguments[0] == QLatin1String("--run")) {
        const auto found = find(arguments[1]);
        return found == cases.end() ? usage() : runHere(application, *found);
    }
    const bool isJson = arguments.removeAll(QStringLiteral("--json")) > 0;
    int limitS = kDefaultLimitS;
    if (const qsizetype at = arguments.indexOf(QStringLiteral("--limit")); at >= 0) {
        limitS = arguments.value(at + 1).toInt();
        if (limitS <= 0) return usage();
        arguments.remove(at, 2);
    }
    std::vector<BenchCase> wanted;
    for (const QString& name : arguments) {
        const auto found = find(name);
        if (found == cases.end()) return usage();
        wanted.push_back(*found);
    }
    if (arguments.isEmpty()) wanted = cases;
    if (!isJson) std::printf("| case | figure | measured | asked |\n| --- | --- | ---: | ---: |\n");
    QJsonArray results;
    for (const BenchCase& it : wanted) {
        const QJsonObject result = measure(it, limitS);
        results.append(result);
        if (!isJson) printRows(result);
    }
    if (isJson) std::printf("%s", QJsonDocument(results).toJson().constData());
    return 0;
}
