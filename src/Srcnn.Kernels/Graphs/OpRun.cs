namespace Srcnn.Kernels;

/// <summary>One op in a pass of a workspace: what it reads, and where it writes.</summary>
/// <param name="workspace">Whose pass it is.</param>
/// <param name="place">The place of its map.</param>
public readonly struct OpRun(Workspace workspace, int place)
{
    public IBackend Backend => workspace.Backend;

    /// <summary>The network's, with what <see cref="Op.Prepare"/> derived from them.</summary>
    public ParameterStore Parameters => workspace.Parameters;

    /// <summary>Whether the graph is one for training.</summary>
    public bool IsTraining => workspace.Graph.IsTraining;

    /// <summary>See <see cref="Workspace.Edges"/>.</summary>
    public Edges Edges => workspace.Edges;

    /// <summary>What it made in its forward pass, or makes there: any content until it is written.</summary>
    public Tensor Output => workspace.Output(place);

    /// <summary>∂loss/∂output.</summary>
    public Tensor OutputGrad => workspace.OutputGrad(place);

    /// <summary>The map it reads.</summary>
    public Tensor Input(int index = 0) => workspace.Output(workspace.Graph.Inputs(place)[index]);

    /// <summary>Whether anybody wants the gradient of an input.</summary>
    public bool Wants(int index = 0) => workspace.Wants(workspace.Graph.Inputs(place)[index]);

    /// <summary>Where to write the gradient of an input; overwritten.</summary>
    public Tensor InputGrad(int index = 0) => workspace.InputGrad(workspace.Graph.Inputs(place)[index]);

    /// <summary>The output's gradient is the input's.</summary>
    public void PassGrad(int index = 0) => workspace.PassGrad(place, workspace.Graph.Inputs(place)[index]);

    /// <summary>The input, if it came out of a ReLU whose backward pass the op is to do along with its own: zero the gradient where the input is not positive. Otherwise null.</summary>
    public Tensor? Mask(int index = 0) => workspace.Mask(workspace.Graph.Inputs(place)[index]);

    /// <summary>How many more pixels the output has lost at the cut sides than an input, at the top and at the left.</summary>
    public (int Top, int Left) Crop(int index)
    {
        var lost = workspace.Graph.Margin(place) - workspace.Graph.Margin(workspace.Graph.Inputs(place)[index]);
        return (Edges.HasFlag(Edges.Top) ? 0 : lost, Edges.HasFlag(Edges.Left) ? 0 : lost);
    }

    /// <summary>Memory for a purpose of its own, kept until its backward pass is done; its content is whatever was there.</summary>
    public Tensor Slot(string purpose, Shape shape) => workspace.Slot(place, purpose, shape);

    /// <summary>The current value of a parameter.</summary>
    public Tensor Value(Parameter parameter) => Parameters.Value(parameter);

    /// <summary>The gradient of a parameter, to be added to.</summary>
    public Tensor Grad(Parameter parameter) => workspace.Grad(parameter);

    /// <summary>Times what the op does, if anybody wants to know.</summary>
    public ProfileScope? Time(string pass, double flops = 0) => Backend.Profile?.Begin($"{workspace.Graph.Maps[place].Op.Name} {pass}", flops);
}
