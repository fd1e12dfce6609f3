import QtQuick
import QtQuick.Templates as T
import QtTest
import Sotto.App

// The Compare page in the window, by keys: how it is reached, what a run shows, what it says without models.
ShellTestCase {
    id: root

    name: "Compare"

    function addModels(): void {
        program.setModels([["F16", 8.05e9], ["Q8_0", 4.28e9], ["Q4_K_M", 2.5e9]].map(type => ({
                    path: "/qwen-" + type[0] + ".gguf",
                    name: "Qwen3 4B",
                    quantization: type[0],
                    fileBytes: type[1]
                })));
        app.models.refresh();
        tryVerify(() => app.compare.choices.length === 4);
    }
    function column(index: int): Item {
        return findChild(find("compareArea"), "compareColumn" + index);
    }
    function ask(question: string): void {
        keyClick(Qt.Key_3, Qt.ControlModifier);
        compare(window.page, "compare");
        tryVerify(() => find("comparePrompt").activeFocus);
        for (const letter of question)
            keyClick(letter);
    }
    function answer(index: int, text: string): void {
        program.awaitColumn(index);
        program.writeWords(text, 0.5);
        program.finish({
            tokensPerSecond: 84,
            ttftMs: 20
        });
    }

    function test_withoutModels_saysWhatToDo(): void {
        keyClick(Qt.Key_3, Qt.ControlModifier);
        compare(app.compare.state, CompareController.OneModel);
        tryVerify(() => find("compareToModels").activeFocus);
        keyClick(Qt.Key_Return);
        compare(window.page, "models");
    }
    function test_run_byKeys(): void {
        addModels();
        ask("Why");
        compare(column(0).quantization, "F16");
        compare(column(1).quantization, "Q4_K_M");
        keyClick(Qt.Key_Return);
        verify(app.compare.isRunning);
        tryVerify(() => find("compareStop").visible);
        answer(0, "The sky is blue today");
        answer(1, "The sky is grey today");
        program.awaitColumn(2);
        tryCompare(column(1), "columnState", CompareColumnModel.Done);
        compare(findChild(column(1), "columnFoot").text, "from token 4: “grey” 0.50, F16 “blue” 0.50");
        compare(findChild(column(1), "columnAnswer").text, "The sky is grey today");
        compare(findChild(column(1), "columnSpeed").text, "84.0");
        compare(findChild(column(1), "columnMeter").name, "Speed, 84.0 tokens per second");
        verify(find("compareExport").enabled);
        // The page is left and comes back as it was.
        findChild(column(1), "columnAnswer").forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_1, Qt.ControlModifier);
        compare(window.page, "chat");
        keyClick(Qt.Key_3, Qt.ControlModifier);
        compare(find("comparePrompt").text, "Why");
        compare(findChild(column(1), "columnAnswer").text, "The sky is grey today");
    }
    function test_escape_stopsTheRun_thenLeaves(): void {
        addModels();
        ask("Why");
        keyClick(Qt.Key_Return);
        program.awaitColumn(0);
        keyClick(Qt.Key_Escape);
        compare(window.page, "compare");
        tryVerify(() => !app.compare.isRunning);
        keyClick(Qt.Key_Escape);
        compare(window.page, "chat");
    }
    function test_questionOfAChat_comesAlong(): void {
        addModels();
        program.open(ids["Letter to the landlord"]);
        tryVerify(() => app.chat.lastQuestion().startsWith("Dear landlord"));
        keyClick(Qt.Key_Backslash, Qt.ControlModifier);
        compare(window.page, "compare");
        verify(find("comparePrompt").text.startsWith("Dear landlord"));
        verify(!app.compare.isRunning);
    }
    function test_questionOfATemporaryChat_isNotKept(): void {
        addModels();
        const nKept = app.savedComparisons.count;
        app.compare.beginWithQuestion("Who is it", "/qwen-F16.gguf", true);
        window.showPage("compare");
        verify(find("comparePrivate").visible);
        app.compare.run();
        answer(0, "It is me");
        answer(1, "It is me");
        tryVerify(() => !app.compare.isRunning);
        program.settle();
        compare(app.savedComparisons.count, nKept);
        // The next question is one of its own.
        app.compare.prompt = "";
        app.compare.prompt = "Why";
        verify(!find("comparePrivate").visible);
        app.compare.run();
        answer(0, "It is so");
        answer(1, "It is so");
        tryCompare(app.savedComparisons, "count", nKept + 1);
    }
    function test_columns_followTheWidth_data(): var {
        return [{
                tag: "1440",
                width: 1440,
                shown: 3
            }, {
                tag: "960",
                width: 960,
                shown: 2
            }];
    }
    function test_columns_followTheWidth(data: var): void {
        addModels();
        window.width = data.width;
        window.showPage("compare");
        app.compare.addModel("/qwen-Q8_0.gguf");
        tryVerify(() => column(2) !== null);
        const inside = data.width - 56 - 48;
        tryCompare(column(0), "width", (inside - 16 * (data.shown - 1)) / data.shown);
    }
    function test_model_isChosenByKeys(): void {
        addModels();
        window.showPage("compare");
        const button = findChild(column(1), "chooseModel");
        button.forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Return);
        wait(0);
        keyClick(Qt.Key_Down);
        keyClick(Qt.Key_Down);
        keyClick(Qt.Key_Return);
        tryVerify(() => column(1).path !== "/qwen-Q4_K_M.gguf");
        tryVerify(() => button.activeFocus); // the column is the same one, with another model
    }
    function test_longAnswer_followsTheCursor(): void {
        addModels();
        ask("Why");
        keyClick(Qt.Key_Return);
        answer(0, "A line\n".repeat(80));
        program.awaitColumn(1);
        const text = findChild(column(0), "columnAnswer");
        const view = text.parent.parent; // its contentItem lies between
        tryVerify(() => view.contentHeight > view.height && view.isAtEnd());
        text.forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Down);
        tryVerify(() => view.contentY <= text.y + text.cursorRectangle.y);
        keyClick(Qt.Key_End, Qt.ControlModifier);
        tryVerify(() => view.isAtEnd());
        keyClick(Qt.Key_Home, Qt.ControlModifier);
        tryCompare(view, "contentY", 0);
    }
    function test_draggedScrollBar_holdsThePlace(): void {
        addModels();
        ask("Why");
        keyClick(Qt.Key_Return);
        program.awaitColumn(0);
        program.writeWords("A line\n".repeat(80), 0.5);
        const text = findChild(column(0), "columnAnswer");
        const view = text.parent.parent; // its contentItem lies between
        const bar = view.T.ScrollBar.vertical;
        tryVerify(() => view.contentHeight > view.height && view.isAtEnd());
        mousePress(bar, bar.width / 2, bar.height - 8);
        mouseMove(bar, bar.width / 2, bar.height / 2, -1, Qt.LeftButton);
        tryVerify(() => bar.pressed && !view.isAtEnd());
        const place = view.contentY;
        program.writeWords("and more of it", 0.5);
        tryVerify(() => text.text.endsWith("it"));
        fuzzyCompare(view.contentY, place, 4);
        mouseRelease(bar, bar.width / 2, bar.height / 2);
        program.writeWords(" at last", 0.5);
        tryVerify(() => text.text.endsWith("last"));
        verify(!view.isAtEnd());
    }
    // Marked in the reference's answer, told where the arrow keys or the pointer are, and shown or not by one button.
    function test_otherWays_areMarkedInTheReference(): void {
        addModels();
        ask("Why");
        keyClick(Qt.Key_Return);
        answer(0, "The sky is blue today");
        const button = findChild(column(1), "askForced");
        verify(!button.visible); // the run goes on
        answer(1, "The sky is grey today");
        tryVerify(() => !app.compare.isRunning);
        tryVerify(() => button.visible && button.enabled);
        compare(button.text, "Where would it have gone another way?");
        verify(!findChild(column(0), "askForced").visible);
        program.tellForced(1, 5, [{
                "index": 1,
                "referenceProbability": 0.5,
                "text": " sea",
                "probability": 0.25
            }, {
                "index": 3,
                "referenceProbability": 0.5,
                "text": " grey",
                "probability": 0.75
            }]);
        compare(findChild(column(1), "forcedText").text, "otherwise at 2 of 5 tokens of F16");
        compare(findChild(column(0), "columnFoot").text, "marked: where Q4_K_M would have gone another way");
        const text = findChild(column(0), "columnAnswer");
        const tip = findChild(text, "otherWayTip");
        text.forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Right);
        compare(text.selectedText, "sky");
        compare(tip.text, "Here Q4_K_M would have said “sea” 0.25, F16 “sky” 0.50.");
        compare(text.Accessible.description, tip.text);
        keyClick(Qt.Key_Right);
        compare(text.selectedText, "blue");
        keyClick(Qt.Key_Right); // none behind it: the text's own key
        keyClick(Qt.Key_Left);
        compare(text.selectedText, "blue");
        keyClick(Qt.Key_Left);
        compare(text.selectedText, "sky");
        button.forceActiveFocus(Qt.TabFocusReason);
        compare(tip.text, "");
        const place = text.positionToRectangle(13);
        mouseMove(text, place.x + 2, place.y + 6);
        tryCompare(tip, "text", "Here Q4_K_M would have said “grey” 0.75, F16 “blue” 0.50.");
        compare(button.text, "Hide the marks");
        keyClick(Qt.Key_Return);
        compare(button.text, "Mark them");
        compare(tip.ways.length, 0);
        keyClick(Qt.Key_Return);
        compare(tip.ways.length, 2);
        program.tellForced(1, 5, []);
        compare(findChild(column(1), "forcedText").text, "would have written the same as F16");
        verify(button.activeFocus); // nobody's keyboard is lost
        keyClick(Qt.Key_Return); // nothing is left to ask
        compare(app.forcedAnswers.column, -1);
        keyClick(Qt.Key_Tab);
        verify(!button.activeFocus && !button.visible);
    }
    // Beside the built-in text the chat that is open, where there is one.
    function test_textOfTheMeasurement_isChosen(): void {
        addModels();
        window.showPage("compare");
        const button = find("lossSource");
        compare(button.text, "Built-in text");
        program.open(ids["Letter to the landlord"]);
        tryVerify(() => app.measurement.hasChat);
        button.forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Return);
        wait(0);
        keyClick(Qt.Key_Down);
        keyClick(Qt.Key_Down);
        keyClick(Qt.Key_Return);
        tryCompare(button, "text", "The open chat");
        app.chats.newChat();
        tryVerify(() => !app.measurement.hasChat);
        compare(button.text, "Built-in text");
        app.measurement.chooseFile("file:///home/me/a name that is too long for any button.txt");
        compare(button.text, "a name that … button.txt");
    }
    SignalSpy {
        id: exported
        signalName: "exported"
    }
    Component {
        id: pictureComponent
        Image {}
    }
    // What "Save as picture…" writes of the run that is there.
    function savedPicture(name: string): Image {
        tryVerify(() => app.compare.hasAnswers);
        exported.target = app.compare;
        exported.clear();
        const file = "file://" + app.dataFolder + "/" + name;
        find("compareHead").pictureWanted(file);
        tryCompare(exported, "count", 1);
        const picture = createTemporaryObject(pictureComponent, window.contentItem, {
            source: file,
            z: 100
        });
        tryCompare(picture, "status", Image.Ready);
        return picture;
    }
    // The question above the columns, all of them and the figures.
    function test_picture_isSaved(): void {
        addModels();
        ask("Why");
        keyClick(Qt.Key_Return);
        answer(0, "The sky is blue today");
        answer(1, "The sky is grey today");
        const picture = savedPicture("run.png");
        verify(picture.sourceSize.width >= column(0).width + column(1).width);
        verify(picture.sourceSize.height > 320 + 100); // the least of a column, and the figures
        find("compareHead").pictureWanted("file://" + app.dataFolder + "/no/such/run.png");
        tryVerify(() => app.compare.problem.length > 0);
    }
    // Three columns where two are seen, and an answer that has to be scrolled: all of it is in the picture.
    function test_picture_isWhole(): void {
        addModels();
        window.width = 960;
        window.height = 600;
        window.showPage("compare");
        app.compare.addModel("/qwen-Q8_0.gguf");
        ask("Why");
        keyClick(Qt.Key_Return);
        answer(0, "It is so");
        answer(1, "It is so");
        answer(2, "words ".repeat(600));
        const picture = savedPicture("whole.png");
        const text = findChild(column(2), "columnAnswer");
        verify(text.height > window.height);
        verify(picture.sourceSize.width >= 3 * column(2).width);
        verify(picture.sourceSize.height > text.height + 200);
        // The window grabs what it shows: the picture is moved past it, with the last column at its left edge.
        picture.x = 20 - Math.round(24 + 2 * (column(0).width + 16) + 21);
        const lineHeight = text.height / text.lineCount;
        let nLines = 0, nSeen = 0, wasWritten = false;
        for (let top = 200; top + 500 < text.height; top += 500) {
            picture.y = -top;
            const image = grabImage(window.contentItem);
            for (let y = 0; y < 500; ++y, ++nSeen) {
                const paper = image.pixel(8, y).toString();
                let isWritten = false;
                for (let x = 20; x < 80 && !isWritten; ++x)
                    isWritten = image.pixel(x, y).toString() !== paper;
                nLines += isWritten && !wasWritten ? 1 : 0;
                wasWritten = isWritten;
            }
        }
        verify(nSeen >= 1000);
        verify(nLines >= Math.floor(nSeen / lineHeight) - 1, nLines + " lines in " + nSeen + " px of " + lineHeight);
    }
    // Nothing is lost and nothing is sent: the words stay, and one button gives the engine back.
    function test_chatWaits_whileAComparisonRuns(): void {
        addModels();
        ask("Why");
        keyClick(Qt.Key_Return);
        program.awaitColumn(0);
        keyClick(Qt.Key_1, Qt.ControlModifier);
        verify(app.installed.refusal("/qwen-F16.gguf").length > 0); // it is read
        const composer = find("composer");
        composer.focusText();
        keyClick(Qt.Key_H);
        keyClick(Qt.Key_Return);
        compare(app.chat.blockedReason, "A comparison is running and has the engine. Your words stay here until it ends.");
        compare(app.chat.draft, "h");
        const button = findChild(composer, "stopComparison");
        compare(window.page, "chat");
        tryVerify(() => button.visible);
        button.forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Return);
        tryVerify(() => !app.compare.isRunning);
        tryVerify(() => app.chat.canSend);
        verify(!button.visible);
        compare(app.installed.refusal("/qwen-F16.gguf"), "");
        compare(app.chat.draft, "h");
    }
    SignalSpy {
        id: resets
        signalName: "modelReset"
    }
    // A further run comes above the chosen one, which stays the chosen one.
    function test_savedRuns_keepTheirPlace(): void {
        addModels();
        const saved = app.savedComparisons;
        const nKept = saved.count;
        const keep = question => {
            app.compare.prompt = question;
            app.compare.run();
            answer(0, "It is so");
            answer(1, "It is so");
        };
        window.showPage("compare");
        keep("Why");
        tryCompare(saved, "count", nKept + 1);
        resets.target = saved;
        resets.clear();
        const list = find("savedRuns");
        find("compareHead").savedChosen(true);
        tryCompare(list, "currentIndex", 0);
        keep("Who");
        tryCompare(saved, "count", nKept + 2);
        compare(resets.count, 0);
        tryCompare(list, "currentIndex", 1);
    }
    function test_failedColumn_saysWhy(): void {
        addModels();
        program.failLoads("It does not fit. Choose a smaller one.", "/qwen-Q4_K_M.gguf");
        ask("Why");
        keyClick(Qt.Key_Return);
        answer(0, "The sky is blue");
        tryCompare(column(1), "columnState", CompareColumnModel.Failed);
        compare(column(1).problem, "It does not fit. Choose a smaller one.");
    }
}
