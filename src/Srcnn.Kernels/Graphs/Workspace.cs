namespace Srcnn.Kernels;

/// <summary>
/// Runs a network on whole maps, forward and backward, and keeps what it needs meanwhile. Memory goes from map to map: what nobody reads any more is
/// given to the next one; it grows and is never shrunk.
/// </summary>
public sealed class Workspace : IDisposable
{
    private readonly State[] states;
    private readonly List<Tensor> free = [];
    private readonly List<(int Place, Buffer More)> more = [];
    private Statistics? collected;
    private int next;
    private bool wantsPicture;

    /// <param name="graph">The network.</param>
    /// <param name="parameters">Its values, prepared (<see cref="Graph.Prepare"/>). Not owned.</param>
    /// <param name="backend">Another stream of the parameters' device; null takes that of the parameters. Not owned.</param>
    public Workspace(Graph graph, ParameterStore parameters, IBackend? backend = null)
    {
        (Graph, Parameters, Backend) = (graph, parameters, backend ?? parameters.Backend);
        states = [.. graph.Maps.Select(_ => new State())];
    }

    public Graph Graph { get; }

    public ParameterStore Parameters { get; }

    public IBackend Backend { get; }

    /// <summary>The flat buffer that backward passes add to, in the layout of the parameters; null where only forward passes run.</summary>
    public Tensor? Grads { get; set; }

    /// <summary>Which sides of the input are sides of the picture; the others are cut edges, where ops take the neighbour's pixels and add no padding.</summary>
    public Edges Edges { get; set; } = Edges.All;

    /// <summary>The network's output, valid until the next pass here. Batch statistics are those of this picture alone.</summary>
    public Tensor Forward(Tensor picture)
    {
        Begin(picture);
        while (Advance() is not null) { }
        return Result;
    }

    /// <summary>After <see cref="Forward"/> with <see cref="Grads"/>: adds to the parameters' gradients. What is given as the output's gradient may be overwritten.</summary>
    /// <returns>∂loss/∂picture if wanted, valid until the next pass here.</returns>
    public Tensor? Backward(Tensor outputGrad, bool wantsPicture = false)
    {
        BeginBack(outputGrad, wantsPicture);
        while (AdvanceBack() is not null) { }
        return wantsPicture ? states[0].Grad?.Values : null;
    }

    /// <summary>The output, once a forward pass is at its end.</summary>
    internal Tensor Result => states[^1].Output!;

    /// <summary>Starts a forward pass of a part of a batch.</summary>
    internal void Begin(Tensor picture)
    {
        for (var place = 0; place < states.Length; place++) Release(place);
        states[0].Output = picture;
        (next, collected) = (1, null);
    }

    /// <summary>
    /// Goes on with the forward pass until an op needs to know the whole batch: its statistics of this part, to be merged with those of the others into
    /// what is given here before the pass goes on. Null at the end.
    /// </summary>
    internal Statistics? Advance()
    {
        for (; next < states.Length; next++)
        {
            var op = Graph.Maps[next].Op;
            if (collected is null && op.Collect(new OpRun(this, next)) is { } told) return collected = new Statistics(op, told);
            collected = null;
            op.Forward(new OpRun(this, next));
            if (Grads is not null) continue; // the backward pass reads them all
            foreach (var input in Graph.Inputs(next))
            {
                if (Graph.LastReader(input) == next) Release(input);
            }
        }
        return null;
    }

    /// <summary>Starts the backward pass of a part of a batch.</summary>
    internal void BeginBack(Tensor outputGrad, bool wantsPicture = false)
    {
        this.wantsPicture = wantsPicture;
        states[^1].Grad = new Buffer(outputGrad, null);
        (next, collected) = (states.Length - 1, null);
    }

    /// <summary>As <see cref="Advance"/>, for the backward pass.</summary>
    internal Statistics? AdvanceBack()
    {
        for (; next > 0; next--)
        {
            if (states[next].Grad is null) continue; // nothing behind it learns
            var op = Graph.Maps[next].Op;
            if (collected is null)
            {
                if (op.EndsInRelu && !states[next].IsRectified) Rectify(states[next]);
                if (op.CollectGrad(new OpRun(this, next)) is { } told) return collected = new Statistics(op, told);
            }
            collected = null;
            op.Backward(new OpRun(this, next));
            AddMore();
            Release(next);
        }
        return null;
    }

    /// <summary>Gives back all memory.</summary>
    public void Clear()
    {
        foreach (var (_, grad) in more) Return(grad); // of a pass that failed on the way
        more.Clear();
        for (var place = 0; place < states.Length; place++) Release(place);
        foreach (var memory in free) memory.Dispose();
        free.Clear();
    }

    /// <inheritdoc/>
    public void Dispose() => Clear();

    /// <summary>The gradient of a parameter, to be added to.</summary>
    public Tensor Grad(Parameter parameter) =>
        Parameters.Window(Grads ?? throw new InvalidOperationException("this workspace has no gradients"), parameter);

    internal Tensor Output(int place) => states[place].Output ??= Slot(place, "output", Graph.Maps[place].Op.Output(Edges, [.. Graph.Inputs(place).Select(input => Output(input).Shape)]));

    internal Tensor OutputGrad(int place) => states[place].Grad!.Values;

    internal bool Wants(int place) => Graph.Learns(place) || wantsPicture;

    internal Tensor InputGrad(int place)
    {
        var grad = Rent(Output(place).Shape);
        if (states[place].Grad is null) states[place].Grad = grad;
        else more.Add((place, grad));
        return grad.Values;
    }

    internal void PassGrad(int from, int to)
    {
        var grad = states[from].Grad!;
        grad.Holders++;
        if (states[to].Grad is null) states[to].Grad = grad;
        else more.Add((to, grad));
    }

    internal Tensor? Mask(int place)
    {
        if (!Graph.Maps[place].Op.EndsInRelu || Graph.Readers(place) > 1) return null;
        states[place].IsRectified = true;
        return Output(place);
    }

    internal Tensor Slot(int place, string purpose, Shape shape)
    {
        var slots = states[place].Slots;
        foreach (var (name, slot) in slots)
        {
            if (name == purpose && slot.Values.Shape == shape) return slot.Values;
        }
        var rented = Rent(shape);
        slots.Add((purpose, rented));
        return rented.Values;
    }

    /// <summary>A gradient that several maps hold is left as it is for the others.</summary>
    private void Rectify(State state)
    {
        var grad = state.Grad!;
        var own = grad.Holders == 1 ? grad : Rent(grad.Values.Shape);
        Backend.ReluBackward(state.Output!, grad.Values, own.Values);
        if (own == grad) return;
        Return(grad);
        state.Grad = own;
    }

    /// <summary>Adds what an op gave to maps that had a gradient already.</summary>
    private void AddMore()
    {
        foreach (var (place, grad) in more)
        {
            var state = states[place];
            var (sum, other) = state.Grad!.Holders == 1 ? (state.Grad, grad) : grad.Holders == 1 ? (grad, state.Grad) : (Copy(grad), state.Grad);
            Backend.AddScaled(other.Values, 1, sum.Values);
            state.Grad = sum;
            Return(other);
        }
        more.Clear();
    }

    private Buffer Copy(Buffer grad)
    {
        var copy = Rent(grad.Values.Shape);
        Backend.Copy(grad.Values, copy.Values);
        Return(grad);
        return copy;
    }

    /// <summary>Gives the memory of a map to whoever comes next.</summary>
    private void Release(int place)
    {
        var state = states[place];
        foreach (var (_, slot) in state.Slots) Return(slot);
        if (state.Grad is not null) Return(state.Grad);
        state.Slots.Clear();
        (state.Output, state.Grad, state.IsRectified) = (null, null, false);
    }

    private void Return(Buffer buffer)
    {
        if (--buffer.Holders == 0 && buffer.Memory is not null) free.Add(buffer.Memory);
    }

    /// <summary>The smallest free memory that is large enough; where there is none, larger memory takes the place of a free one.</summary>
    private Buffer Rent(Shape shape)
    {
        var (best, least) = (-1, int.MaxValue);
        for (var i = 0; i < free.Count; i++)
        {
            var length = free[i].Shape.Length;
            if (length >= shape.Length && length < least) (best, least) = (i, length);
        }
        if (best < 0)
        {
            if (free.Count > 0)
            {
                free[^1].Dispose();
                free.RemoveAt(free.Count - 1);
            }
            free.Add(Backend.Allocate(shape));
            best = free.Count - 1;
        }
        var memory = free[best];
        free.RemoveAt(best);
        return new Buffer(memory.Shape == shape ? memory : memory.Slice(0, shape), memory);
    }

    /// <summary>What is known of a map during a pass.</summary>
    private sealed class State
    {
        public List<(string Purpose, Buffer Slot)> Slots { get; } = [];

        public Tensor? Output { get; set; }

        public Buffer? Grad { get; set; }

        public bool IsRectified { get; set; }
    }

    /// <summary>Values that several maps may hold, and their memory where it is this workspace's own.</summary>
    private sealed class Buffer(Tensor values, Tensor? memory)
    {
        public Tensor Values => values;

        public Tensor? Memory => memory;

        public int Holders { get; set; } = 1;
    }
}

/// <summary>What an op was told by a part of a batch.</summary>
internal sealed record Statistics(Op Op, Tensor Values);
