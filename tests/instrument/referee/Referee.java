import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.Date;
import org.javarosa.core.model.CoreModelModule;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.condition.EvaluationContext;
import org.javarosa.core.model.instance.InstanceInitializationFactory;
import org.javarosa.core.model.instance.TreeElement;
import org.javarosa.core.model.instance.TreeReference;
import org.javarosa.core.model.utils.DateUtils;
import org.javarosa.core.services.PrototypeManager;
import org.javarosa.model.xform.XFormsModule;
import org.javarosa.xform.parse.XFormParser;
import org.javarosa.xform.util.XFormUtils;
import org.javarosa.xpath.XPathParseTool;
import org.javarosa.xpath.expr.XPathFuncExpr;

/**
 * JavaRosa as the referee of the questionnaire engine. Reads commands from standard input, one per
 * line: FORM file | CASE file | EXPR expression; answers each with lines and a final END.
 */
public final class Referee {
    private static FormDef form;
    private static PrintStream out;

    public static void main(String[] arguments) throws Exception {
        PrototypeManager.registerPrototypes(CoreModelModule.classNames);
        new XFormsModule().registerModule();
        out = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), false, "UTF-8");
        System.setOut(new PrintStream(new java.io.ByteArrayOutputStream()));
        System.setErr(new PrintStream(new java.io.ByteArrayOutputStream()));
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line;
        String file = "";
        while ((line = input.readLine()) != null) {
            String rest = line.substring(5);
            try {
                if (line.startsWith("FORM ")) {
                    file = rest;
                    form = XFormUtils.getFormFromInputStream(new FileInputStream(file));
                } else if (line.startsWith("CASE ")) {
                    form = XFormUtils.getFormFromInputStream(new FileInputStream(file));
                    load(rest);
                    tell(form.getMainInstance().getRoot(), "");
                } else {
                    evaluate(rest);
                }
            } catch (Throwable fault) {
                out.println("ERROR\t" + escape(fault.getClass().getSimpleName() + " " + fault.getMessage()));
            }
            out.println("END");
            out.flush();
        }
    }

    private static void load(String file) throws Exception {
        byte[] bytes = Files.readAllBytes(Paths.get(file));
        TreeElement saved = XFormParser.restoreDataModel(bytes, null).getRoot();
        TreeElement root = form.getMainInstance().getRoot().deepCopy(true);
        root.populate(saved, form);
        form.getMainInstance().setRoot(root);
        form.initialize(false, new InstanceInitializationFactory());
    }

    private static void tell(TreeElement node, String path) {
        if (node.getMult() == TreeReference.INDEX_TEMPLATE) {
            return;
        }
        String here = path + "/" + node.getName() + (node.isRepeatable() ? "[" + node.getMult() + "]" : "");
        String value = node.getValue() == null ? "" : node.getValue().uncast().getString();
        boolean holds = node.getValue() == null || form.evaluateConstraint(node.getRef(), node.getValue());
        out.println(here + "\t" + node.isRelevant() + "\t" + node.isRequired() + "\t" + holds + "\t" + escape(value));
        for (int child = 0; child < node.getNumChildren(); child++) {
            tell(node.getChildAt(child), here);
        }
    }

    private static void evaluate(String expression) throws Exception {
        EvaluationContext context =
            new EvaluationContext(form.getEvaluationContext(), form.getMainInstance().getRoot().getRef());
        Object value = XPathFuncExpr.unpack(
            XPathParseTool.parseXPath(expression).eval(form.getMainInstance(), context));
        String text = value instanceof Date
            ? DateUtils.formatDateTime((Date) value, DateUtils.FORMAT_ISO8601) : XPathFuncExpr.toString(value);
        out.println(value.getClass().getSimpleName() + "\t" + escape(text));
    }

    private static String escape(String text) {
        return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r");
    }

    private Referee() {}
}
